/** Grows by one whenever any file could be read differently: parse again what an older version has parsed. */
export const PARSER_VERSION = 6
