import { askAbout } from '../admission/ask-about.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { patchObject } from '../crud/patch.ts';
import { updateObject } from '../crud/write.ts';
import type { Call, Outgoing } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { badRequest, methodNotAllowed, notFound, unknownResource } from '../refusals.ts';
import { getObject, resultAnswer } from '../server/resources.ts';
import { bindPod } from './binding.ts';
import { evictPod } from './eviction.ts';
import { finalizeNamespace } from './finalize.ts';
import { podLogs } from './log.ts';
import { answerScale } from './scale.ts';
import { requestToken } from './token.ts';

/** Answers a request for a part of an object. */
export async function answerSubresource(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Outgoing> {
  const subresource = served.subresources.find((candidate) => candidate.name === info.subresource);
  if (subresource === undefined) {
    // A custom kind without it answers as if the object were not there (spec/sandbox.md §2.3).
    throw served.custom === undefined ? unknownResource() : notFound(served, info.name!);
  }
  if (!subresource.verbs.includes(info.verb)) throw methodNotAllowed();
  switch (`${served.bucket}/${subresource.name}`) {
    case 'pods/log':
      return podLogs(core, served, info, call);
    case 'pods/binding':
      await askAbout(core, served, info, call);
      return resultAnswer(core, served, call, await bindPod(core, served, info, call));
    case 'pods/eviction':
      await askAbout(core, served, info, call);
      return resultAnswer(core, served, call, evictPod(core, served, info, call));
    case 'pods/exec':
    case 'pods/attach':
    case 'pods/portforward':
      // As streams they are answered before they come here (streams/).
      throw badRequest('Upgrade request required');
    case 'serviceaccounts/token':
      await askAbout(core, served, info, call);
      return resultAnswer(core, served, call, requestToken(core, served, info, call));
    case 'namespaces/finalize':
      return resultAnswer(core, served, call, await finalizeNamespace(core, served, info, call));
  }
  if (subresource.name === 'scale') return answerScale(core, served, info, call);
  switch (info.verb) {
    case 'get':
      return getObject(core, served, info, call);
    case 'update':
      return resultAnswer(core, served, call, await updateObject(core, served, info, call));
    default:
      return resultAnswer(core, served, call, await patchObject(core, served, info, call));
  }
}
