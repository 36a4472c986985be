/** Who the synthetic cells are: cell types, days, tracks, and the planted factors of every frame. */
import type { Random } from '../util/random';

/** One row of cells.csv. Factors are in the units of {@link PlantedFactors}. */
export interface SimulatedCell extends PlantedFactors {
  /** images/<name by the study's scheme>.png */
  path: string;
  cell_type: string;
  category: 'PDX' | 'cell line' | 'clone' | 'melanocyte';
  metastatic_efficiency: 'high' | 'low' | 'unknown';
  tumor: string;
  /** yymmdd. */
  date: string;
  series: string;
  /** Name of the cell that this frame shows; frames of a track are the same cell in time. */
  track: string;
  frame: number;
  x: number;
  y: number;
  start: number;
  end: number;
  /** How the cell behaves in this frame; differs from its tumor's efficiency after a switch. */
  state: 'high' | 'low';
}

/** What is planted in a crop. */
export interface PlantedFactors {
  /** Area of the cell body, in crops of 64×64 pixels: pixels. */
  area: number;
  /** Long over short axis of the cell body. */
  elongation: number;
  /** Length of the longest process, in radii of the body. */
  pseudopod_extension: number;
  /** Brightness of the granules, 0..1 of the camera's range. */
  light_scattering: number;
  /** Number of granules per 100 pixels of area. */
  granularity: number;
  /** Distance from the focal plane, in pixels of blur. */
  focus: number;
}

/** Appearance that is not a factor of interest: the day's microscope. */
export interface DayEffect {
  gain: number;
  offset: number;
  blur: number;
  texture: number;
}

interface CellType {
  name: string;
  category: SimulatedCell['category'];
  efficiency: SimulatedCell['metastatic_efficiency'];
  tumor: string;
  /** Which state its cells are in. */
  state: 'high' | 'low';
  /** Share of the tracks. */
  share: number;
}

const pdx = (name: string, state: 'high' | 'low'): CellType => ({
  name,
  category: 'PDX',
  efficiency: state,
  tumor: name,
  state,
  share: 0.1,
});

/** Names after the study's; their efficiencies are planted here and say nothing about the real ones. */
const cellTypes: readonly CellType[] = [
  pdx('m405', 'high'),
  pdx('m481', 'high'),
  pdx('m634', 'high'),
  pdx('m498', 'low'),
  pdx('m528', 'low'),
  pdx('m597', 'low'),
  pdx('m610', 'low'),
  { name: 'a375', category: 'cell line', efficiency: 'high', tumor: 'a375', state: 'high', share: 0.06 },
  { name: 'mv3', category: 'cell line', efficiency: 'low', tumor: 'mv3', state: 'low', share: 0.06 },
  {
    name: 'skmel2',
    category: 'cell line',
    efficiency: 'unknown',
    tumor: 'skmel2',
    state: 'low',
    share: 0.05,
  },
  { name: 'm405c2', category: 'clone', efficiency: 'unknown', tumor: 'm405', state: 'high', share: 0.04 },
  { name: 'a375c1', category: 'clone', efficiency: 'unknown', tumor: 'a375', state: 'low', share: 0.04 },
  { name: 'atcc', category: 'melanocyte', efficiency: 'unknown', tumor: 'atcc', state: 'low', share: 0.05 },
];

/** Days of imaging; every cell type is imaged on three of them, beside others. */
const dates = [
  '240311',
  '240312',
  '240318',
  '240402',
  '240403',
  '240415',
  '240422',
  '240506',
  '240507',
  '240520',
];
const daysPerType = 3;
/** Frames of one cell. */
const framesPerTrack = 4;
/** Share of the cells that change their state half-way. */
const switching = 0.04;
/** Share of a factor's variance that stays with the cell; the rest changes from frame to frame. */
const steady = 0.7;
/** How strongly a frame resembles the one before. */
const autocorrelation = 0.8;

/** Distance between the means of high and low in each of the two hallmarks, in standard deviations, that gives AUC 0.87 for both. */
export const defaultSeparation = 1.2;

/** The population of a simulation: one entry per frame, in a fixed order. */
export function drawPopulation(
  cells: number,
  separation: number,
  random: Random,
): { cells: SimulatedCell[]; days: Map<string, DayEffect> } {
  const days = new Map(
    dates.map((date): [string, DayEffect] => {
      const day = random.fork(`day ${date}`);
      return [
        date,
        {
          gain: 0.8 + 0.4 * day.uniform(),
          offset: 0.07 * day.uniform(),
          blur: 0.5 * day.uniform(),
          texture: 0.5 + day.uniform(),
        },
      ];
    }),
  );
  const nuisance = new Map(
    cellTypes.map((type) => {
      const own = random.fork(`type ${type.name}`);
      return [
        type.name,
        { size: 1 + 0.08 * own.normal(), elongation: 0.1 * own.normal(), granularity: 0.1 * own.normal() },
      ];
    }),
  );
  const result: SimulatedCell[] = [];
  const tracks = Math.ceil(cells / framesPerTrack);
  const totalShare = cellTypes.reduce((sum, type) => sum + type.share, 0);
  for (let t = 0; t < tracks; t++) {
    const track = random.fork(`track ${t}`);
    const type = typeAt(((t + 0.5) / tracks) * totalShare);
    const own = nuisance.get(type.name) as { size: number; elongation: number; granularity: number };
    const typeNumber = cellTypes.indexOf(type);
    const date = dates[(typeNumber * 2 + 3 * track.integer(daysPerType)) % dates.length];
    const series = `s${String(1 + track.integer(8)).padStart(2, '0')}`;
    const [x, y] = [128 + track.integer(2000), 128 + track.integer(1900)];
    const start = 60 + track.integer(60);
    const end = start + 60 + track.integer(60);
    const turns = track.uniform() < switching;
    const opposite = type.state === 'high' ? 'low' : 'high';
    const mean = [track.normal(), track.normal()];
    const drift = [track.normal(), track.normal()];
    const radius = 9 * own.size * Math.exp(0.14 * track.normal());
    const elongation = 1 + Math.abs(0.25 + own.elongation + 0.28 * track.normal());
    const granularity = Math.max(1, 5 * (1 + own.granularity + 0.3 * track.normal()));
    const focus = Math.abs(0.45 * track.normal());
    for (let f = 0; f < framesPerTrack && result.length < cells; f++) {
      const state = turns && f >= framesPerTrack / 2 ? opposite : type.state;
      const [extension, scattering] = [0, 1].map((k) => {
        drift[k] = autocorrelation * drift[k] + Math.sqrt(1 - autocorrelation ** 2) * track.normal();
        const effect = (state === 'high' ? 0.5 : -0.5) * separation;
        return effect + Math.sqrt(steady) * mean[k] + Math.sqrt(1 - steady) * drift[k];
      });
      const frame = 1 + f * 20 + track.integer(10);
      const name = `${date}_${type.name}_${series}_t${start}_x${x}_y${y}_t${end}_t7Ready_f${String(frame).padStart(5, '0')}`;
      result.push({
        path: `images/${name}.png`,
        cell_type: type.name,
        category: type.category,
        metastatic_efficiency: type.efficiency,
        tumor: type.tumor,
        date,
        series,
        track: `${date}_${type.name}_${series}_x${x}_y${y}_t${start}`,
        frame,
        x,
        y,
        start,
        end,
        state,
        area: round(Math.PI * radius ** 2, 2),
        elongation: round(elongation, 4),
        pseudopod_extension: round(Math.max(0.05, 0.75 + 0.27 * extension), 4),
        light_scattering: round(Math.min(1, Math.max(0.03, 0.45 + 0.16 * scattering)), 4),
        granularity: round(granularity, 4),
        focus: round(focus, 4),
      });
    }
  }
  return { cells: result, days };
}

function typeAt(share: number): CellType {
  let sum = 0;
  for (const type of cellTypes) {
    sum += type.share;
    if (share < sum) return type;
  }
  return cellTypes[cellTypes.length - 1];
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
