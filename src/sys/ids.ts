/** Of users and groups: 2^32-1 is none but setresuid(2)'s "leave it". */
export const MOST_OF_ID = 0xffff_fffe;
