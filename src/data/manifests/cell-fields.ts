/** The columns that a table of cells may have, as the study and the simulator name them. */
import type { TableField } from './manifest';

/**
 * Columns with a meaning of their own; a table of cells needs `path`, may have any of the others, and more that are taken as they are.
 * The same names are used by `lch simulate` and by data-manifests/openlch-sample.
 */
export const CELL_FIELDS: readonly TableField[] = [
  {
    name: 'path',
    type: 'string',
    description: "The crop's file, from the folder of this table.",
    constraints: { required: true, unique: true },
  },
  { name: 'cell_type', type: 'string', description: 'Cell type, as in cell-types.csv.' },
  {
    name: 'category',
    type: 'string',
    description: 'Kind of cell: PDX, cell line, clone, melanocyte, other.',
  },
  {
    name: 'metastatic_efficiency',
    type: 'string',
    description: 'Of the tumor or line in mice.',
    constraints: { enum: ['high', 'low', 'unknown'] },
  },
  { name: 'tumor', type: 'string', description: 'The tumor or line that the cells descend from.' },
  { name: 'date', type: 'string', description: 'Day of the experiment, yymmdd as in the file names.' },
  { name: 'series', type: 'string', description: 'Microscope position, of one day.' },
  { name: 'track', type: 'string', description: 'One cell followed in time.' },
  { name: 'frame', type: 'integer', description: 'Index in the time-lapse.', constraints: { minimum: 0 } },
];
