import { Namespace as WholeNamespace } from '@binnacle/client/kinds';
import { part } from '@binnacle/runtime';
import type { Context } from '@binnacle/runtime';
import type { Backup, HotBackup } from '../../../api/hot-backup.ts';

/** Namespaces, of which no more matters than whether they are going. */
export const Namespace = part(WholeNamespace, () => ({}));

/** Whether its namespace is being deleted. That is never taken back, and nothing can be made there any more: neither a Job, nor a Secret by its user, nor an Event. */
export async function namespaceGoes(hb: Backup, cx: Pick<Context<typeof HotBackup, never, typeof Namespace>, 'get'>): Promise<boolean> {
  const namespace = await cx.get(Namespace, hb.metadata.namespace ?? '');
  return namespace?.metadata.deletionTimestamp !== undefined;
}
