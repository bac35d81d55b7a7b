import { eventually } from '../eventually.ts';
import type { Server } from './server.ts';

const NAMESPACE = 'limits-seen';
const SPACES = '/api/v1/namespaces';
const AT = `${SPACES}/${NAMESPACE}`;
/** Asks for more than any limit here allows. */
const CLAIM = { metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };

/**
 * The real server judges claims by LimitRanges that it learns of from a watch, after they are stored: on a busy machine an answer that comes at once may be by
 * those of before. So a LimitRange of our own is changed after them, and claims are asked for, as dry runs, until one is refused by it as it is now: changes come in order.
 */
export function limitsSeen(ask: Server['ask']): () => Promise<void> {
  let count = 0;
  const put = async (method: 'POST' | 'PATCH', path: string, body: object): Promise<void> => {
    const { status, json } = await ask(method, path, body, method === 'PATCH' ? 'application/merge-patch+json' : undefined);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json).slice(0, 300)}`);
  };
  // An odd number of bytes is written as it is.
  const limit = () => ({ spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: String(2 * count + 1) } }] } });
  const shown = async (): Promise<number> => {
    const { status, json } = await ask('POST', `${AT}/persistentvolumeclaims?dryRun=All`, CLAIM);
    const bytes = /maximum storage usage per PersistentVolumeClaim is (\d+),/.exec(json?.message ?? '')?.[1];
    if (status !== 403 || bytes === undefined) throw new Error(`a claim over the limit: ${status} ${JSON.stringify(json).slice(0, 300)}`);
    return (Number(bytes) - 1) / 2;
  };
  const begin = async (): Promise<void> => {
    await put('POST', SPACES, { metadata: { name: NAMESPACE } });
    await put('POST', `${AT}/limitranges`, { metadata: { name: 'l' }, ...limit() });
    // While the watch has brought none at all for a namespace, the server looks once and keeps what it saw for a while: let it be this one.
    await eventually('there is a limit', async () => (await shown()) === count);
  };
  let tail: Promise<void> | undefined;
  return () => {
    // One after the other: each is to find its own number.
    const next = (tail ?? begin()).then(async () => {
      count += 1;
      const own = count;
      await put('PATCH', `${AT}/limitranges/l`, limit());
      await eventually('LimitRanges are seen', async () => (await shown()) >= own);
    });
    tail = next;
    return next;
  };
}
