import type { Duplex } from 'node:stream';
import { alarm, http } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import { z } from 'zod';
import type { Mandate, OptionalMandate } from '@binnacle/runtime';
import { secured } from '../../tls/secured.ts';
import { AgentError } from './error.ts';

/** What both sides prove themselves with; PEM. */
export interface Identity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** One member's agent. */
export interface AgentAddress {
  readonly ip: string;
  readonly identity: Identity;
}

/** Which backup: the newest below the base directory of the members. `member`: its place among the members that share a volume; each with its own: any. */
export interface Place {
  readonly baseDir: string;
  readonly member: number;
}

/** How an upload is. `key`: the object's URI, once it is there. */
export interface UploadState {
  readonly status: 'IN_PROGRESS' | 'SUCCESS' | 'FAILURE' | 'CANCELED';
  readonly message: string;
  readonly key: string;
}

/** The agents beside the members. Each call has a connection of its own and a time limit; all throw {AgentError}, or the signal's reason when aborted. */
export interface Agents {
  /** `backup-<ms>/<uuid>` of each backup on the volume, oldest first. */
  localBackups(agent: AgentAddress, place: Place, signal: AbortSignal): Promise<readonly string[]>;
  /** Begins to upload the newest; the answer is the upload's id. After `unreachable` it may have begun. */
  upload(agent: AgentAddress, place: Place & Target, mandate: Mandate): Promise<string>;
  uploadState(agent: AgentAddress, id: string, signal: AbortSignal): Promise<UploadState>;
  /** `cancel` ends an upload, `cleanup` removes what it put into the bucket, `forget` drops it from the agent's list. An unknown upload is no error. */
  end(agent: AgentAddress, id: string, how: 'cancel' | 'cleanup' | 'forget', mandate: Mandate): Promise<void>;
}

/** Where an upload goes. `secretName` empty: the agent's own identity. */
export interface Target {
  readonly bucketURI: string;
  readonly secretName: string;
  readonly cluster: string;
}

const PORT = 8443;
/** The name in the certificate, whatever the address is. */
const SERVER_NAME = 'mtls';
/** Time limit of a call; ms. */
const LIMIT_MS = 30_000;
const ANSWER_CHARACTERS_MOST = 1024 * 1024;

const Backups = z.object({ backups: z.array(z.string()).nullish() });
const Begun = z.object({ id: z.string().min(1) });
const State = z.object({
  status: z.enum(['IN_PROGRESS', 'SUCCESS', 'FAILURE', 'CANCELED']),
  message: z.string().default(''),
  backup_key: z.string().default(''),
});

/** Agents over this network. Source: spec/hazelcast-core.md §3.4. */
export function agents(doors: { readonly network: Network; readonly clock: Clock }): Agents {
  const ask = async (agent: AgentAddress, method: string, path: string, body: unknown, { signal, mustLead }: OptionalMandate): Promise<Answer> => {
    using limit = alarm(doors.clock, LIMIT_MS);
    const either = AbortSignal.any([signal, limit.signal]);
    try {
      const stream = await doors.network.connect({ host: agent.ip, port: PORT }, either);
      try {
        const tls = await secured(stream, { ...agent.identity, servername: SERVER_NAME }, either);
        mustLead?.();
        return await send(tls, { method, path, body: body === undefined ? '' : JSON.stringify(body) }, either);
      } finally {
        stream.destroy();
      }
    } catch (error) {
      signal.throwIfAborted();
      throw new AgentError('unreachable', `${agent.ip}: no answer to ${method} ${path}`, { cause: error });
    }
  };
  const answer = async <T>(schema: z.ZodType<T>, agent: AgentAddress, method: string, path: string, body: unknown, asking: OptionalMandate): Promise<T> => {
    const { status, text } = await ask(agent, method, path, body, asking);
    if (status === 404) throw new AgentError('unknown', `${agent.ip}: ${method} ${path}: not known`);
    if (status !== 200) throw new AgentError('refused', `${agent.ip}: ${method} ${path}: status ${status}`);
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      throw new AgentError('unreadable', `${agent.ip}: ${method} ${path}: not the answer we know`, { cause: error });
    }
  };
  return {
    async localBackups(agent, { baseDir, member }, signal) {
      // A GET with a body: the agent wants it so.
      const found = await answer(Backups, agent, 'GET', '/backup', { backup_base_dir: baseDir, member_id: member }, { signal });
      return found.backups ?? [];
    },
    async upload(agent, { baseDir, member, bucketURI, secretName, cluster }, mandate) {
      const asked = { bucket_url: bucketURI, backup_base_dir: baseDir, hz_cr_name: cluster, secret_name: secretName, member_id: member };
      return (await answer(Begun, agent, 'POST', '/upload', asked, mandate)).id;
    },
    async uploadState(agent, id, signal) {
      const { status, message, backup_key: key } = await answer(State, agent, 'GET', `/upload/${id}`, undefined, { signal });
      return { status, message, key };
    },
    async end(agent, id, how, mandate) {
      const path = `/upload/${id}`;
      const { status } =
        how === 'forget' ? await ask(agent, 'DELETE', path, undefined, mandate) : await ask(agent, 'POST', `${path}/${how}`, undefined, mandate);
      if (status !== 200 && status !== 404) throw new AgentError('refused', `${agent.ip}: ${how} of upload ${id}: status ${status}`);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(tls: Duplex, asked: { readonly method: string; readonly path: string; readonly body: string }, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: SERVER_NAME, connection: 'close', 'content-type': 'application/json', 'content-length': Buffer.byteLength(asked.body) };
    const sent = http.request({ method: asked.method, path: asked.path, headers, signal, createConnection: () => tls }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
        if (text.length > ANSWER_CHARACTERS_MOST) answer.destroy(new Error('the answer is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(asked.body);
  });
}
