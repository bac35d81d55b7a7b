import type { Story } from '../story.ts';
import { dorisStories } from './doris.ts';
import { hazelcastStories } from './hazelcast.ts';
import { installStories } from './install.ts';
import { metricsStories } from './metrics.ts';

/** All stories, in the order they are told: the first installs what the others need. */
export const stories: readonly Story[] = [...installStories, ...metricsStories, ...hazelcastStories, ...dorisStories];
