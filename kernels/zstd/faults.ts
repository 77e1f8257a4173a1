// What may be wrong with what is unpacked.
export const CUT_SHORT: i32 = 1;
export const NO_FRAME: i32 = 2;
export const RESERVED: i32 = 3;
export const BAD_BLOCK: i32 = 4;
export const BAD_LITERALS: i32 = 5;
export const BAD_TABLE: i32 = 6;
export const BAD_SEQUENCES: i32 = 7;
export const BEYOND_START: i32 = 8;
export const BEYOND_WINDOW: i32 = 9;
export const DICTIONARY: i32 = 10;
export const WRONG_CHECKSUM: i32 = 11;
export const WRONG_SIZE: i32 = 12;
export const NO_MEMORY: i32 = 13;
