/**
 * Says which cell it is.
 *
 * @param index number of the cell, from 0
 */
export declare function describeCell(index: number): string;
