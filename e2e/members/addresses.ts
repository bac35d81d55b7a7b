const MOST = 9;

/** The address of a member by its number, inside the network namespace of the run. */
export const addressOf = (number: number): string => `10.88.0.1${number}`;

/** All addresses that members may have. */
export const ADDRESSES: readonly string[] = Array.from({ length: MOST }, (_, index) => addressOf(index + 1));
