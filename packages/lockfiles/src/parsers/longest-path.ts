/** No real path has more characters; without a bound, a hostile file would have a long one read anew for each name in it. */
export const LONGEST_PATH = 4096
