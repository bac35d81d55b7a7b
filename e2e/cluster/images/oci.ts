import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeTar } from './tar.ts';
import type { Entry, Written } from './tar.ts';

/** How containers of an image start. */
export interface Start {
  readonly entrypoint: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `uid:gid`. */
  readonly user: string;
  readonly workdir?: string;
}

/** An image: its full name, and layers from the lowest up. */
export interface ImageParts {
  readonly name: string;
  readonly layers: readonly (readonly Entry[])[];
  readonly start: Start;
}

const TYPE = 'application/vnd.oci.image.';
/** As images name the processor. */
const PLATFORM = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };
const PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Writes images as one OCI layout in an archive, as `ctr images import` takes it; layers that they share (the same array) are in it once. Reproducible: the same
 * parts make the same bytes, so a digest says what is in an image. Layers are not compressed: what is built here is read on this machine. Returns the digests
 * of the manifests, in order.
 */
export function writeImages(file: string, images: readonly ImageParts[]): readonly string[] {
  const work = mkdtempSync(join(dirname(file), '.image-'));
  try {
    const layers = new Map<readonly Entry[], Written & { readonly path: string }>();
    for (const layer of new Set(images.flatMap((image) => image.layers))) {
      const path = join(work, String(layers.size));
      layers.set(layer, { path, ...writeTar(path, withFolders(layer)) });
    }
    const blobs = new Map<string, () => Uint8Array>([...layers.values()].map(({ sha256, path }) => [sha256, () => readFileSync(path)]));
    const manifests = images.map((image) =>
      manifestOf(
        image,
        image.layers.map((layer) => layers.get(layer)!),
        blobs,
      ),
    );
    const blobEntries = [...blobs].map(([sha256, content]): Entry => ({ path: `blobs/sha256/${sha256}`, type: 'file', mode: 0o644, content }));
    const unfinished = join(work, 'images');
    writeTar(unfinished, [
      { path: 'oci-layout', type: 'file', mode: 0o644, content: json({ imageLayoutVersion: '1.0.0' }) },
      { path: 'index.json', type: 'file', mode: 0o644, content: json({ schemaVersion: 2, manifests }) },
      ...blobEntries,
    ]);
    renameSync(unfinished, file);
    return manifests.map(({ digest }) => digest);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The entry of the index for one image; its manifest and configuration are added to `blobs`. */
function manifestOf({ name, start }: ImageParts, layers: readonly Written[], blobs: Map<string, () => Uint8Array>) {
  const add = (value: unknown) => {
    const content = json(value);
    const sha256 = createHash('sha256').update(content).digest('hex');
    blobs.set(sha256, () => content);
    return { digest: `sha256:${sha256}`, size: content.byteLength };
  };
  const config = add({
    ...PLATFORM,
    config: {
      Entrypoint: start.entrypoint,
      Env: Object.entries({ PATH, ...start.env }).map(([key, value]) => `${key}=${value}`),
      User: start.user,
      WorkingDir: start.workdir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ sha256 }) => `sha256:${sha256}`) },
  });
  const manifest = add({
    schemaVersion: 2,
    mediaType: `${TYPE}manifest.v1+json`,
    config: { mediaType: `${TYPE}config.v1+json`, ...config },
    layers: layers.map(({ sha256, bytes }) => ({ mediaType: `${TYPE}layer.v1.tar`, digest: `sha256:${sha256}`, size: bytes })),
  });
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
  return { mediaType: `${TYPE}manifest.v1+json`, ...manifest, platform: PLATFORM, annotations };
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** The entries sorted by path, with every folder above them. */
function withFolders(entries: readonly Entry[]): readonly Entry[] {
  const all = new Map<string, Entry>();
  for (const entry of entries) {
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      if (!all.has(path)) all.set(path, { path, type: 'folder', mode: 0o755 });
    }
    all.set(entry.path, entry);
  }
  return [...all.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
