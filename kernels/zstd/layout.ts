// Where what the decoder needs lies in its memory, and how much of it there is. Reads and writes may go up to SLACK bytes
// beyond what they are meant for; what they do there is never looked at.

export const SLACK: i32 = 64;
/** The most that a block may become (RFC 8878, 3.1.1.2.4). */
export const BLOCK: i32 = 131072;
/** Every match is three bytes at least. */
export const MOST_SEQUENCES: i32 = BLOCK / 3;

// What is needed below is at fixed places; tables that are the same for every frame come first.
export const HUFFMAN: usize = 0x4000;
export const LENGTHS: usize = 0x8000;
export const MATCHES: usize = 0x9000;
export const OFFSETS: usize = 0xa000;
export const ONE_LENGTH: usize = 0xa800;
export const ONE_MATCH: usize = 0xa810;
export const ONE_OFFSET: usize = 0xa820;
export const WEIGHTS_TABLE: usize = 0xaa00;
export const USUAL_LENGTHS: usize = 0xb000;
export const USUAL_MATCHES: usize = 0xb200;
export const USUAL_OFFSETS: usize = 0xb400;
export const SHARES: usize = 0xb600;
export const NEXT: usize = 0xb800;
export const WEIGHTS: usize = 0xba00;
export const STARTS: usize = 0xbc00;
export const LITERALS: usize = 0x10000;
export const SEQUENCES: usize = 0x30100;
/** A ring; behind it is room for a block that goes over its end, to be had in one piece. */
export const INPUT: usize = 0x90000;
export const INPUT_SIZE: i32 = 0x100000;
/** From here on to the end of the memory: the window, a ring as well. */
export const WINDOW: usize = 0x1b0100;
