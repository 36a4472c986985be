/** What the study's file names say about a crop. */

/** Parsed from `140606_a375_s07_t60_x963_y1276_t184_t7Ready_f00106.png`. */
export interface CropName {
  /** yymmdd, such as "140606". */
  date: string;
  /** Such as "a375" or "m481". */
  cellType: string;
  /** Microscope position, such as "s07". */
  series: string;
  /** Where the cell was in the field of view when its track began, in pixels. */
  x: number;
  y: number;
  /** First and last time point of the cell's track, in frames of the time-lapse. */
  start: number;
  end: number;
  /** Frame of this crop within the track. */
  frame: number;
}

const pattern = /^(\d{6})_([A-Za-z0-9-]+)_(s\d+)_t(\d+)_x(\d+)_y(\d+)_t(\d+)_[A-Za-z0-9]+_f(\d+)\.[A-Za-z]+$/;

/**
 * Parses the name of a crop's file, with or without its folder.
 *
 * @returns null when the name is of another form
 * @example
 * parseCropName('140606_a375_s07_t60_x963_y1276_t184_t7Ready_f00106.png')?.cellType; // 'a375'
 */
export function parseCropName(path: string): CropName | null {
  const match = pattern.exec(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
  if (!match) return null;
  const [, date, cellType, series, start, x, y, end, frame] = match;
  return {
    date,
    cellType: cellType.toLowerCase(),
    series,
    x: Number(x),
    y: Number(y),
    start: Number(start),
    end: Number(end),
    frame: Number(frame),
  };
}
