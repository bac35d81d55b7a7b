import { NetworkError, alarm, requestOver } from '@binnacle/client';
import type { OneRequest } from '@binnacle/client';
import type { Mandate, OptionalMandate } from '@binnacle/runtime';
import { z } from 'zod';
import { DorisError } from './error.ts';
import type { Account, Doors } from './front-end.ts';
import type { Setting } from './settings.ts';

/** A back end's web server. `account` is told to it only when it asks. */
export interface BackEndHttp {
  readonly host: string;
  readonly port: number;
  readonly account: Account;
}

/** Time limit of one request; ms. */
const LIMIT_MS = 10_000;
/** All settings of a back end are some 60 kB. */
const PAGE_BYTES_MOST = 2 * 1024 * 1024;

/** Name, type, value, whether it can be set. */
const Rows = z.array(z.tuple([z.string(), z.string(), z.string(), z.enum(['true', 'false'])]).rest(z.string()));
const Told = z.object({ status: z.string(), msg: z.string().optional() });
const Answer = z.union([Told, z.array(Told)]); // one object for one setting; newer ones answer with a list

/** All settings of a back end or compute node. @throws {DorisError} Source: Doris, be/src/http/action/config_action.cpp. */
export async function showSettings(doors: Doors, at: BackEndHttp, signal: AbortSignal): Promise<ReadonlyMap<string, Setting>> {
  const rows = Rows.safeParse(await ask(doors, at, { method: 'GET', path: '/api/show_config' }, { signal }));
  if (!rows.success) throw new DorisError('unreadable', `${at.host}: /api/show_config: ${z.prettifyError(rows.error)}`, { cause: rows.error });
  return new Map(rows.data.map(([key, , value, mutable]) => [key, { value, mutable: mutable === 'true' }]));
}

/** Sets one in the process, and until it restarts: what lasts is in its file. May be repeated. @throws {DorisError} `refused`: it cannot be set, or not to that. */
export async function changeSettingOf(doors: Doors, at: BackEndHttp, key: string, value: string, mandate: Mandate): Promise<void> {
  const path = `/api/update_config?${new URLSearchParams({ [key]: value })}`;
  const answer = Answer.safeParse(await ask(doors, at, { method: 'POST', path }, mandate));
  if (!answer.success) throw new DorisError('unreadable', `${at.host}: /api/update_config: ${z.prettifyError(answer.error)}`, { cause: answer.error });
  const refused = [answer.data].flat().find((one) => one.status !== 'OK');
  if (refused !== undefined) throw new DorisError('refused', `${at.host}: ${key}: ${refused.msg ?? refused.status}`);
}

async function ask(doors: Doors, at: BackEndHttp, asked: OneRequest, mandate: OptionalMandate): Promise<unknown> {
  const what = `${at.host}:${at.port}: ${asked.method} ${asked.path.replace(/\?.*/, '')}`;
  let answer = await send(doors, at, asked, what, mandate);
  if (answer.status === 401) {
    const token = Buffer.from(`${at.account.user}:${at.account.password}`).toString('base64');
    answer = await send(doors, at, { ...asked, headers: { authorization: `Basic ${token}` } }, what, mandate);
  }
  if (answer.status === 401 || answer.status === 403) throw new DorisError('denied', `${what}: status ${answer.status}`);
  if (answer.status !== 200) throw new DorisError('refused', `${what}: status ${answer.status}`);
  try {
    return JSON.parse(answer.body) as unknown;
  } catch (error) {
    throw new DorisError('unreadable', `${what}: no JSON`, { cause: error });
  }
}

async function send(doors: Doors, { host, port }: BackEndHttp, asked: OneRequest, what: string, { signal, mustLead }: OptionalMandate) {
  using limit = alarm(doors.clock, LIMIT_MS);
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    const stream = await doors.network.connect({ host, port }, either);
    try {
      mustLead?.();
      return await requestOver(stream, host, asked, { bytesMost: PAGE_BYTES_MOST, signal: either });
    } finally {
      stream.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new DorisError(error instanceof NetworkError ? 'unreachable' : 'lost', `${what}: no answer`, { cause: error });
  }
}
