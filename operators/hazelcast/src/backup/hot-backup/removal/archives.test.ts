import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unnameable } from '../../../api/bucket-uri.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import { placeOf } from '../../../simulator/buckets.ts';
import { archiveOf, keyOfArchive } from '../archive.ts';
import { archivesOf, restoresFrom } from './archives.ts';

const UUID = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;

/** Places of which each is the beginning of another. */
const uri = fc
  .tuple(
    fc.constantFrom('s3://', 'gs://'),
    fc.constantFrom('bucket', 'bucket-a'),
    fc.constantFrom('', '/a', '/a/', '/a/prod', '/aa', '?prefix=a', '?prefix=a/', '?prefix=a/prod'),
  )
  .map((parts) => parts.join(''));
const backup = fc.record({
  uri,
  cluster: fc.constantFrom('prod', 'prop', 'prod-a', 'prod2', 'a'),
  ms: fc.constantFrom(1767225600000, 1767225601000),
  uuid: fc.constantFrom(...UUID),
});
type Taken = { readonly uri: string; readonly cluster: string; readonly ms: number; readonly uuid: string };

const archive = ({ cluster, ms, uuid }: Taken) => archiveOf(cluster, `backup-${ms}/${uuid}`);
/** What the agent calls the object in the bucket. */
const stored = (one: Taken): string => {
  const { scheme, bucket, prefix } = placeOf(one.uri);
  return `${scheme}://${bucket}/${prefix}${archive(one)}`;
};
const hotBackup = (one: Taken, backupUUIDs: readonly string[]) =>
  ({ spec: { hazelcastResourceName: one.cluster, bucketURI: one.uri }, status: { state: 'Success', backupUUIDs } }) as unknown as Pick<
    Backup,
    'spec' | 'status'
  >;

test('whatever agent or operator tells of an object, it leads to that object in the bucket and to no other', () =>
  fc.assert(
    fc.property(backup, (one) => {
      const { scheme, bucket, prefix } = placeOf(one.uri);
      const where = (key: string) => `${scheme}://${bucket}/${key}`;
      for (const told of [placeOf(one.uri).told(archive(one)), keyOfArchive(one.uri, one.cluster, `backup-${one.ms}/${one.uuid}`)]) {
        const { own, strange } = archivesOf(hotBackup(one, [told]));
        assert.deepEqual(strange, []);
        assert.deepEqual(
          own.map(({ key }) => where(key)),
          [stored(one)],
        );
        assert.ok(own[0]!.key.startsWith(prefix));
      }
    }),
  ));

test('a status that names what is of another backup, cluster, prefix or bucket leads to nothing that is not its own', () =>
  fc.assert(
    fc.property(backup, backup, (mine, other) => {
      const { own } = archivesOf(hotBackup(mine, [placeOf(other.uri).told(archive(other))]));
      const { scheme, bucket, prefix } = placeOf(mine.uri);
      for (const { key } of own) {
        const rest = key.slice(prefix.length);
        assert.ok(key.startsWith(prefix) && new RegExp(`^${mine.cluster}/[^/]+/[^/]+\\.tar\\.gz$`).test(rest), key);
        // Two places that are the same in the bucket are one place, whatever they are called.
        if (`${scheme}://${bucket}/${key}` !== stored(other)) assert.equal(placeOf(mine.uri).told(rest), placeOf(other.uri).told(archive(other)));
      }
    }),
  ));

test('what no agent would have written is not touched', () => {
  const mine = { uri: 's3://bucket/a', cluster: 'prod', ms: 1767225600000, uuid: UUID[0] };
  const date = '2026-01-01-00-00-00';
  const strange = [
    '',
    `backup-1767225600000/${UUID[0]}`,
    's3://bucket',
    's3://bucket?prefix=a/',
    's3://bucket?prefix=a/prod/',
    `s3://bucket?prefix=a/prod/${date}/`,
    `s3://bucket?prefix=a/prod/${date}/${UUID[0]}`,
    `s3://bucket?prefix=a/prod/${date}/../${UUID[0]}.tar.gz`,
    `s3://bucket?prefix=a/prod/${date}/x/${UUID[0]}.tar.gz`,
    `s3://bucket?prefix=b/prod/${date}/${UUID[0]}.tar.gz`,
    `s3://bucket?prefix=prod/${date}/${UUID[0]}.tar.gz`,
    `s3://bucket?prefix=a/prop/${date}/${UUID[0]}.tar.gz`,
    `s3://bucket?prefix=a/prod2/${date}/${UUID[0]}.tar.gz`,
    `s3://bucket2?prefix=a/prod/${date}/${UUID[0]}.tar.gz`,
    `gs://bucket?prefix=a/prod/${date}/${UUID[0]}.tar.gz`,
    `s3://bucket?prefix=a/prod/${date}/${UUID[0]}.tar.gz\n`,
  ];
  assert.deepEqual(archivesOf(hotBackup(mine, strange)), { own: [], strange });
});

test('buckets in which names mean one thing alone are taken, others are refused with the reason', () => {
  for (const plain of [
    's3://bucket',
    's3://bucket/',
    's3://my.bucket/a/b_c/day=1/',
    'gs://my_bucket/a',
    'azblob://backup?prefix=a/',
    's3://b1?endpoint=minio:9000&disableSSL=true',
  ])
    assert.equal(unnameable(plain), undefined, plain);
  for (const odd of [
    's3://',
    's3://b%61d',
    's3://bucket/a b',
    's3://bucket/a%20b',
    's3://bucket/a+b',
    's3://bucket//a',
    's3://bucket/a/../b',
    's3://bucket/a./b',
    's3://bucket/ä',
  ])
    assert.match(unnameable(odd) ?? '', /^(the name of the bucket|its path) has /, odd);
  assert.match(unnameable('s3://bucket?profile=other') ?? '', /^its query has profile/);
  assert.match(unnameable('azblob://bucket?domain=example.com') ?? '', /^its query has domain/);
  assert.equal(unnameable('s3://bucket?endpoint=https://me:secret@host'), 'its endpoint is no address');
});

test('who restores from above a backup, or from it, restores from it; who restores from beside it does not', () => {
  const mine = { uri: 's3://bucket/a', cluster: 'prod', ms: 1767225600000, uuid: UUID[0] };
  const { own } = archivesOf(hotBackup(mine, [placeOf(mine.uri).told(archive(mine))]));
  for (const source of ['s3://bucket', 's3://bucket/a', 's3://bucket/a/prod', 's3://bucket?prefix=a/prod/2026-01-01-00-00-00/'])
    assert.ok(restoresFrom(source, mine.uri, own), source);
  for (const source of ['s3://bucket/b', 's3://bucket/a/pro', 'gs://bucket/a', 's3://bucket-a/a', 's3://bucket?prefix=a/prod/2026-01-01-00-00-01/'])
    assert.ok(!restoresFrom(source, mine.uri, own), source);
});
