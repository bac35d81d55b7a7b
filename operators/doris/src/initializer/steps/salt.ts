import { randomBytes } from 'node:crypto';
import { Secret } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisInitializer } from '../../api/doris-initializer.ts';
import { labelsBeside } from '../../labels.ts';
import { saltName } from '../names.ts';

/** What scripts from Secrets are fingerprinted under, made once: their fingerprint stands in the status, where nobody shall try guesses on it. */
export const salt = step('salt', DorisInitializer, { owns: [Secret] }, async (object, cx) => {
  if ((object.spec.initSqlScriptFrom ?? []).every(({ secretKeyRef }) => secretKeyRef === undefined)) return done;
  const name = saltName(object.metadata.name);
  // From the system's randomness and not the clock's, as passwords are.
  const data = () => ({ salt: randomBytes(24).toString('base64') });
  await cx.ensure(Secret, name, () => ({ name, labels: labelsBeside(object.spec.cluster, 'initializer'), type: 'Opaque', data: data() }), { owner: 'plain' });
  return done;
});
