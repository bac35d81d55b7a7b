import type { Logger } from '../src/log.ts';
import { silentLogger } from '../src/logger.ts';

/** A warning that was logged. */
export interface Warning {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps its warnings and says nothing. */
export function warningsIn(): { readonly log: Logger; readonly warnings: Warning[] } {
  const warnings: Warning[] = [];
  const log: Logger = { ...silentLogger, warn: (fields, message) => void warnings.push({ fields, message }), child: () => log };
  return { log, warnings };
}
