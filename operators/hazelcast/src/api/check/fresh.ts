import type { FieldError } from '@binnacle/schema';

/**
 * What a rule finds in an object and did not find in the one that it replaces: objects from before the rule stay editable, since what was wrong before is not
 * the edit's doing. `before`: absent, it is being created.
 */
export function* fresh<T>(rule: (of: T) => Iterable<FieldError>, now: T, before: T | undefined): Iterable<FieldError> {
  const key = ({ field, message }: FieldError) => `${field}: ${message}`;
  const old = new Set(before === undefined ? [] : [...rule(before)].map(key));
  for (const fault of rule(now)) if (!old.has(key(fault))) yield fault;
}
