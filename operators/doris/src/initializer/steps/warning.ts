import { conditionOf } from '@binnacle/client';
import { done, step } from '@binnacle/runtime';
import { DorisInitializer } from '../../api/doris-initializer.ts';

/** Says so when a password stands in the object itself. It is taken all the same: existing objects have no other way. */
export const warning = step('warning', DorisInitializer, {}, async (object, cx) => {
  const { rootPassword, rootPasswordFrom, adminPassword, adminPasswordFrom } = object.spec;
  const plain = [
    ...((rootPassword ?? '') !== '' && rootPasswordFrom === undefined ? ['rootPassword'] : []),
    ...((adminPassword ?? '') !== '' && adminPasswordFrom === undefined ? ['adminPassword'] : []),
  ];
  const message =
    plain.length === 0
      ? 'no password stands in the spec'
      : `${plain.map((one) => `spec.${one}`).join(' and ')} can be read by everybody who may read this object; use ${plain.map((one) => `spec.${one}From`).join(' and ')}`;
  const said = conditionOf(object, 'PasswordsByReference')?.status === 'False';
  cx.condition('PasswordsByReference', plain.length === 0, plain.length === 0 ? 'ByReference' : 'PlainText', message);
  if (plain.length > 0 && !said) cx.event('Warning', 'PlainTextPassword', message, 'Initialize');
  return await Promise.resolve(done);
});
