import { Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { LOOK_LATER_MS } from '../../cluster/doris.ts';
import { grafanaSecret as wanted } from '../objects/config.ts';
import { isWanted, monitorFrom } from '../objects/from.ts';

/** Grafana's administrator, in the Secret that its pod reads. A password in the object itself is taken, and said to be one. */
export const grafanaSecret = step('grafanaSecret', DorisMonitor, { owns: [Secret] }, async (object, cx) => {
  const monitor = monitorFrom(object);
  const { grafana } = monitor.spec;
  if (!isWanted(monitor, 'grafana') || grafana === undefined) return done;
  const { adminPassword, adminPasswordFrom: from } = grafana;
  let password = adminPassword || 'admin';
  if (from !== undefined) {
    const secret = await cx.get(Secret, from.name ?? '');
    password = Buffer.from(secret?.data?.[from.key] ?? '', 'base64').toString();
    if (password === '') {
      return waitFor('SecretMissing', `spec.grafana.adminPasswordFrom: Secret ${from.name ?? ''} has no key ${from.key}`, { afterMs: LOOK_LATER_MS });
    }
  }
  const message =
    from === undefined ? "Grafana's password stands in the spec or is the default; use spec.grafana.adminPasswordFrom" : 'no password stands in the spec';
  cx.condition('PasswordsByReference', from !== undefined, from === undefined ? 'PlainText' : 'ByReference', message);
  await cx.apply(Secret, wanted(monitor, password), { owner: 'plain' });
  return done;
});
