import { reviewServer } from './review-server.ts';
import type { Answered, ReviewServer } from './review-server.ts';

/** What is asked of a conversion webhook, without its uid. */
export interface Asked {
  readonly desiredAPIVersion: string;
  readonly objects: readonly any[];
}

/** A conversion webhook that can be told to answer otherwise. */
export interface Converter extends ReviewServer {
  readonly asked: Asked[];
  /** `undefined`: as it should. */
  reply: ((review: any) => Answered) | undefined;
  /** `spec.conversion` that names it; `more` replaces fields of its `webhook`. */
  conversion(more?: object): object;
}

/** Converts objects one by one; `convert` answers each in the version that is wanted. */
export async function converter(convert: (object: any, apiVersion: string) => object): Promise<Converter> {
  const asked: Asked[] = [];
  const made: { reply: Converter['reply'] } = { reply: undefined };
  const server = await reviewServer((review) => {
    const { desiredAPIVersion, objects } = review.request;
    asked.push({ desiredAPIVersion, objects });
    return made.reply?.(review) ?? reviewed(review, { convertedObjects: objects.map((object: any) => convert(object, desiredAPIVersion)) });
  });
  return Object.assign(made, {
    ...server,
    asked,
    conversion: (more: object = {}) => ({
      strategy: 'Webhook',
      webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: `${server.url}/convert`, caBundle: server.caBundle }, ...more },
    }),
  });
}

/** The answer to a review; a success unless said. */
export function reviewed({ request, ...rest }: any, response: object): object {
  return { ...rest, response: { uid: request.uid, result: { status: 'Success' }, ...response } };
}
