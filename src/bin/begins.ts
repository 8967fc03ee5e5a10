// What processes begin with, by what they do.
/**
 * How a process begins that does big things now and then, so that it is small again between them.
 *
 * Big blocks go back to the system when they are let go: by itself glibc keeps those of up to 32 MiB for later once one of their size was let go, and one pool for each thread
 * (mallopt(3), M_MMAP_THRESHOLD, M_ARENA_MAX). V8's young generation, which grows to 32 MiB and stays so, has nothing to gain from more than a few. Other systems know nothing of the former.
 */
export const MODEST = {
  execArgv: ['--max-semi-space-size=4'],
  env: { MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024), MALLOC_ARENA_MAX: '1' },
} as const;

/**
 * How a process begins that serves many requests at once, each of which makes much that is gone with it.
 *
 * V8's young generation is collected less often, and less of it is still in use then, where it is wide from the beginning: a sixth to a fifth more requests a second through an
 * edge that inspects them, for 25 MB more (decision 36).
 */
export const WIDE = {
  execArgv: ['--min-semi-space-size=16', '--max-semi-space-size=32'],
  env: {},
} as const;
