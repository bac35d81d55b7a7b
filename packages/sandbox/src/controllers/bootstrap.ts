import type { Api } from '@binnacle/client';
import { isAlreadyExists } from '@binnacle/client';
import { StorageClass } from '@binnacle/client/kinds';

/** Creates what a cluster has from its first day, unless it is there: the default StorageClass `standard`. @throws {ApiError} */
export async function bootstrap(api: Api): Promise<void> {
  const standard = {
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'binnacle/volumes',
    reclaimPolicy: 'Delete',
    // As most clouds have it, so that what depends on the order is tried here as well.
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  };
  try {
    await api.create(StorageClass, standard);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
