import { conditionOf } from '@binnacle/client';
import { DEFINITIONS } from './conformance/requests.ts';
import { eventually } from './eventually.ts';

type Ask = (method: 'GET', path: string) => Promise<{ readonly status: number; readonly json: any }>;

/** Whether a server has taken a definition on: it is about to serve its kind. */
export const isEstablished = (definition: object): boolean => conditionOf(definition, 'Established')?.status === 'True';

/** Waits until the kind of a definition answers in each of its versions: a server tells `Established` before it has seen that itself. */
export async function served(ask: Ask, definition: string): Promise<void> {
  const { group, names, versions } = await eventually(`${definition} is served`, async () => {
    const { json } = await ask('GET', `${DEFINITIONS}/${definition}`);
    return isEstablished(json) && json.spec;
  });
  for (const { name } of versions)
    await eventually(`${names.plural} of ${name} answer`, async () => (await ask('GET', `/apis/${group}/${name}/${names.plural}`)).status === 200);
}
