import { Refusal } from '../../refusal.ts';

/** The form an answer is wanted in. */
export interface Form {
  readonly media: 'json' | 'yaml';
  readonly as: 'object' | 'table' | 'metadata' | 'metadataList';
}

const PLAIN: Form = { media: 'json', as: 'object' };

/**
 * The first form in an `Accept` header that this server can make; JSON when there is no header. `transformable`: tables and bare metadata are possible.
 * @throws {Refusal} 406 when there is none.
 */
export function negotiate(accept: string | undefined, transformable: boolean): Form {
  if (accept === undefined || accept.trim() === '') return PLAIN;
  for (const range of accept.split(',')) {
    const form = read(range, transformable);
    if (form !== undefined) return form;
  }
  throw new Refusal(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

function read(range: string, transformable: boolean): Form | undefined {
  const [type, ...parameters] = range.split(';').map((part) => part.trim());
  const media = type === 'application/yaml' ? 'yaml' : type === 'application/json' || type === 'application/*' || type === '*/*' ? 'json' : undefined;
  if (media === undefined) return undefined;
  const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
  if (as === undefined) return { media, as: 'object' };
  if (!transformable) return undefined;
  const version = parameters.find((parameter) => parameter.startsWith('v='))?.slice(2);
  if (version !== 'v1') return undefined;
  if (as === 'Table') return { media, as: 'table' };
  if (as === 'PartialObjectMetadata') return { media, as: 'metadata' };
  return as === 'PartialObjectMetadataList' ? { media, as: 'metadataList' } : undefined;
}

/**
 * 406: one object was asked for where there is a list of them, or the other way about. Only what is there is looked at.
 * Source: apiserver, pkg/endpoints/handlers/response.go, `asPartialObjectMetadata` and `asPartialObjectMetadataList`.
 */
export function wrongForm(as: 'metadata' | 'metadataList'): Refusal {
  const message =
    as === 'metadata'
      ? 'you requested PartialObjectMetadata, but the requested object is a list'
      : 'you requested PartialObjectMetadataList, but the requested object is not a list';
  return new Refusal(406, 'NotAcceptable', message);
}
