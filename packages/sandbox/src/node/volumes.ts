/** What volumes hold: files by path, kept under the volume's name and outliving the pods that mount them. */
export interface Volumes {
  /** The same map for the same name, until it is dropped. Every change of it must last. */
  open(name: string): Map<string, string>;
  /** The volume was deleted, and its data with it. */
  drop(name: string): void;
}

/** Volumes that last as long as the process. */
export function memoryVolumes(): Volumes {
  const volumes = new Map<string, Map<string, string>>();
  return {
    open(name) {
      const found = volumes.get(name) ?? new Map<string, string>();
      volumes.set(name, found);
      return found;
    },
    drop: (name) => void volumes.delete(name),
  };
}
