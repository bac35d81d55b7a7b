import { timestamp } from '@binnacle/client';
import { z } from 'zod';
import { placeOf } from './buckets.ts';
import type { Place, SimulatedBuckets } from './buckets.ts';
import type { Container } from './container.ts';
import type { Page } from './http.ts';
import { VOLUME } from './hot-restart.ts';

/** How long an upload takes; ms. */
const UPLOADING_MS = 3_000;
const BACKUP = /^backup-\d{13}$/;

const Asked = z.object({ backup_base_dir: z.string(), member_id: z.number().int().min(0) });
const Upload = Asked.extend({ bucket_url: z.string(), hz_cr_name: z.string(), secret_name: z.string().optional() });

interface Task {
  status: 'IN_PROGRESS' | 'SUCCESS' | 'FAILURE' | 'CANCELED';
  message?: string;
  backup_key?: string;
}

/** What is in the bucket of an upload that has ended well. */
interface Uploaded {
  readonly place: Place;
  readonly archive: string;
}

/**
 * What the agent does for the operator: lists local backups and uploads the newest. Its log says what it put into the bucket, and took out again: `uploaded` and
 * `removed`. A URI with `unreachable` in it fails. Source: spec/hazelcast-core.md §3.4.
 */
export function agentApi(container: Container, buckets: SimulatedBuckets): { answer(method: string, path: string, body: string): Page } & Disposable {
  const tasks = new Map<string, Task>();
  const uploaded = new Map<Task, Uploaded>();
  const timers: Disposable[] = [];
  let made = 0;

  /** `backup-<ms>/<uuid>`, oldest first. */
  function backupsBelow(base: string): readonly string[] {
    const prefix = `${base}/hot-backup/`;
    const found = [...(container.volume(VOLUME)?.keys() ?? [])].flatMap((file) => {
      const [sequence = '', uuid = ''] = file.startsWith(prefix) ? file.slice(prefix.length).split('/') : [];
      return BACKUP.test(sequence) ? [`${sequence}/${uuid}`] : [];
    });
    return [...new Set(found)].toSorted();
  }

  function upload(asked: z.output<typeof Upload>): string {
    made += 1;
    const id = `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
    const task: Task = { status: 'IN_PROGRESS' };
    tasks.set(id, task);
    timers.push(container.clock.timer(UPLOADING_MS, () => task.status === 'IN_PROGRESS' && finish(task, asked)));
    return id;
  }

  function finish(task: Task, { backup_base_dir: base, bucket_url: bucket, hz_cr_name: name }: z.output<typeof Upload>): void {
    const newest = backupsBelow(base).at(-1);
    if (newest === undefined || bucket.includes('unreachable')) {
      Object.assign(task, { status: 'FAILURE', message: newest === undefined ? 'no backup' : 'no such host' });
      return;
    }
    const [sequence = '', uuid = ''] = newest.split('/');
    const date = timestamp(Number(sequence.slice('backup-'.length)))
      .replace(/[T:]/g, '-')
      .replace('Z', '');
    const [place, archive] = [placeOf(bucket), `${name}/${date}/${uuid}.tar.gz`];
    buckets.put(place, archive);
    uploaded.set(task, { place, archive });
    Object.assign(task, { status: 'SUCCESS', backup_key: place.told(archive) });
    container.log(`uploaded ${task.backup_key}`);
    const disk = container.volume(VOLUME);
    for (const file of disk?.keys() ?? []) if (file.startsWith(`${base}/hot-backup/${sequence}/`)) disk?.delete(file);
  }

  return {
    answer(method, path, body) {
      const [, kind = '', id = '', verb = ''] = path.split('/');
      const json = (value: unknown): Page => ({ status: 200, json: JSON.stringify(value, undefined, 2) });
      if (kind === 'backup' && method === 'GET') return json({ backups: backupsBelow(Asked.parse(JSON.parse(body)).backup_base_dir) });
      if (kind !== 'upload') return { status: 404 };
      if (id === '') return method === 'POST' ? json({ id: upload(Upload.parse(JSON.parse(body))) }) : { status: 405 };
      const task = tasks.get(id);
      if (task === undefined) return { status: 404 };
      if (method === 'DELETE') tasks.delete(id);
      if (method === 'GET') return json(task);
      if (verb === 'cancel' && task.status === 'IN_PROGRESS') {
        container.log('canceling task');
        task.status = 'CANCELED';
      }
      if (verb !== 'cleanup') return { status: 200 };
      if (task.status === 'FAILURE') return { status: 400 };
      const there = uploaded.get(task);
      if (there === undefined) return { status: 200 };
      buckets.take(there.place, there.archive);
      container.log(`removed ${task.backup_key}`);
      return { status: 200 };
    },
    [Symbol.dispose]() {
      for (const timer of timers) timer[Symbol.dispose]();
    },
  };
}
