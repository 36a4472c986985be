/** `lch slurm`: a job script for a cluster, that survives being stopped. */

import { join } from 'node:path';
import { OptionError } from '../util/errors';
import { claimFile, packageRoot, writeFileAtomic } from '../util/files';
import { defineCommand } from './command';
import { forceOption, outOption } from './shared';

export const slurmCommand = defineCommand({
  name: 'slurm',
  summary: 'Writes a Slurm job script for a command of lch.',
  details:
    'The job gets a warning two minutes before its time ends; lch train then writes a checkpoint and the job puts itself back into the queue, ' +
    'where it goes on with --resume. Submit it with sbatch.',
  options: {
    command: {
      type: 'string',
      placeholder: '"train --data …"',
      required: true,
      help: 'What to run, as typed after lch, in quotes.',
    },
    name: { type: 'string', default: 'lch', help: 'Name of the job.' },
    time: {
      type: 'string',
      placeholder: 'D-HH:MM:SS',
      default: '1-00:00:00',
      help: 'Longest run before the job is requeued.',
    },
    gpus: { type: 'integer', default: 1, min: 0, help: 'GPUs; 0 computes on CPU cores.' },
    cpus: { type: 'integer', default: 8, min: 1, help: 'CPU cores.' },
    memory: { type: 'integer', default: 32, min: 1, unit: 'GB', help: 'Main memory.' },
    partition: { type: 'string', help: 'Partition of the cluster; its default if left out.' },
    out: outOption('JOB.sh', 'The script.'),
    force: forceOption,
  },
  examples: [
    'lch slurm --command "train --data crops --out run1 --preset paper" --gpus 1 --time 12:00:00 --out train.sh',
  ],
  async run(options, context) {
    const { command, name, time, gpus, cpus, memory, partition, out } = options;
    if (!/^(?:\d+-)?\d{1,2}(?::\d\d){0,2}$|^\d+$/.test(time)) {
      throw new OptionError(`lch slurm: --time needs minutes, HH:MM:SS or D-HH:MM:SS, got ${time}`);
    }
    for (const [option, value] of [
      ['--name', name],
      ['--partition', partition],
    ] as const) {
      if (value !== undefined && !/^[\w.,@+-]+$/.test(value)) {
        throw new OptionError(`lch slurm: ${option} may hold letters, digits and . , _ - only, got ${value}`);
      }
    }
    if (/[\n\r]/.test(command)) throw new OptionError('lch slurm: --command must be one line');
    claimFile('lch slurm', out, options.force);
    const words = command.trim().replace(/^lch\s+/, '');
    // node itself, as npx would keep the signals of the scheduler to itself
    const program = `node '${join(packageRoot(), 'bin', 'lch.js').replaceAll("'", `'\\''`)}'`;
    const resumes = /^train\b/.test(words);
    const lines = [
      '#!/bin/bash',
      `#SBATCH --job-name=${name}`,
      `#SBATCH --time=${time}`,
      `#SBATCH --cpus-per-task=${cpus}`,
      `#SBATCH --mem=${memory}G`,
      ...(gpus > 0 ? [`#SBATCH --gpus=${gpus}`] : []),
      ...(partition ? [`#SBATCH --partition=${partition}`] : []),
      '#SBATCH --output=%x-%j.log',
      ...(resumes ? ['#SBATCH --requeue', '#SBATCH --open-mode=append', '#SBATCH --signal=B:TERM@120'] : []),
      '',
      'set -u',
      `export LCH_THREADS=${cpus}`,
      '',
    ];
    if (resumes) {
      lines.push(`command=(${program} ${words})
# a run that was stopped left a model folder: go on with it
run=""
for ((i = 0; i < \${#command[@]}; i++)); do
  if [[ "\${command[i]}" == "--out" ]]; then run="\${command[i + 1]}"; fi
done
if [[ -n "$run" && -e "$run/model.json" && " \${command[*]} " != *" --resume "* ]]; then command+=(--resume); fi

"\${command[@]}" &
child=$!
stopped=0
trap 'stopped=1; kill -TERM $child' TERM
wait $child; code=$?
# the trap ended the first wait; the second waits for the checkpoint
if ((stopped)); then wait $child; code=$?; scontrol requeue "$SLURM_JOB_ID"; fi
exit $code`);
    } else lines.push(`${program} ${words}`);
    writeFileAtomic(out, `${lines.join('\n')}\n`);
    context.print(`${out}; submit it with sbatch ${out}`);
    return { out };
  },
});
