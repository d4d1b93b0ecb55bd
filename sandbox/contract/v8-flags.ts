/**
 * The flags of every process that has isolates; a startup snapshot fits only processes with the flags of the one
 * that made it. `--no-node-snapshot`: isolated-vm asks for it. `--no-turboshaft-loop-unrolling`: without it some
 * loops escape both the time and the memory limit.
 */
export const v8Flags = ['--no-node-snapshot', '--no-turboshaft-loop-unrolling'] as const;
