/**
 * A volume as one container has it mounted: the part below a path, for as long as the container lives. A program that was killed may still run for
 * a moment; what it writes then must not reach the volume, where its successor works already.
 */
export class MountedFiles extends Map<string, string> {
  readonly #files: Map<string, string>;
  readonly #prefix: string;
  readonly #refuseWrite: () => string | undefined;

  /** `prefix`: '' or a path ending in '/'. `refuseWrite`: why nothing may be written now. */
  constructor(files: Map<string, string>, prefix: string, refuseWrite: () => string | undefined) {
    super();
    this.#files = files;
    this.#prefix = prefix;
    this.#refuseWrite = refuseWrite;
  }

  override get size(): number {
    return [...this.entries()].length;
  }
  override get(path: string): string | undefined {
    return this.#files.get(this.#prefix + path);
  }
  override has(path: string): boolean {
    return this.#files.has(this.#prefix + path);
  }
  override set(path: string, content: string): this {
    this.#checkWrite();
    this.#files.set(this.#prefix + path, content);
    return this;
  }
  override delete(path: string): boolean {
    this.#checkWrite();
    return this.#files.delete(this.#prefix + path);
  }
  override clear(): void {
    for (const path of this.keys()) this.delete(path);
  }
  override *entries(): MapIterator<[string, string]> {
    for (const [path, content] of this.#files) if (path.startsWith(this.#prefix)) yield [path.slice(this.#prefix.length), content];
  }
  override *keys(): MapIterator<string> {
    for (const [path] of this.entries()) yield path;
  }
  override *values(): MapIterator<string> {
    for (const [, content] of this.entries()) yield content;
  }
  override [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }
  override forEach(visit: (content: string, path: string, files: Map<string, string>) => void): void {
    for (const [path, content] of this.entries()) visit(content, path, this);
  }

  #checkWrite(): void {
    const reason = this.#refuseWrite();
    if (reason !== undefined) throw new Error(reason);
  }
}
