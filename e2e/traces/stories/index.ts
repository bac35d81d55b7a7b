import type { Story } from '../story.ts';
import { deletionStories } from './deletion.ts';
import { deploymentStories } from './deployment.ts';
import { jobStories } from './job.ts';
import { otherStories } from './others.ts';
import { serviceStories } from './service.ts';
import { statefulSetStories } from './stateful-set.ts';

/** All stories. */
export const stories: readonly Story[] = [...statefulSetStories, ...deploymentStories, ...jobStories, ...deletionStories, ...otherStories, ...serviceStories];
