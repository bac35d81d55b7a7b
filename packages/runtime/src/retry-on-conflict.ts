import { isConflict } from '@binnacle/client';

/**
 * Reads and writes again where somebody else has written in between: at once, and `tries` times in all.
 * @throws {ApiError} `Conflict` when somebody was faster each time; anything else that an attempt throws, at once.
 */
export async function retryOnConflict<T>(tries: number, attempt: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || left <= 1) throw error;
    }
  }
}
