/** What `--help` shows of each command, by its name: command lines as people type them. A test parses every one. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  init: ['sweep init', 'sweep init train.py', 'sweep init lr.yaml --from src/train.py'],
  import: ['sweep import wandb-sweep.yaml', 'sweep import katib.yaml --to sweep.yaml'],
  plan: ['sweep plan sweep.yaml', 'sweep plan sweep.yaml --json'],
  try: [
    'sweep try sweep.yaml',
    'sweep try sweep.yaml --largest',
    'sweep try sweep.yaml --twice',
    'sweep try sweep.yaml --on gpu,gpu-l4',
  ],
  run: ['sweep run sweep.yaml', 'sweep run sweep.yaml --max-parallel 2', 'sweep run sweep.yaml --json > summary.json'],
  start: ['sweep start sweep.yaml --watch', 'sweep start sweep.yaml --try'],
  doctor: ['sweep doctor', 'sweep doctor --profile gpu'],
  costs: ['sweep costs', 'sweep costs flowers-1a2b3c4d --json'],
  prices: ['sweep prices', 'sweep prices g5.xlarge g6.xlarge', 'sweep prices --refresh'],
  watch: ['sweep watch', 'sweep watch digits-1a2b3c4d --report'],
  propose: ['sweep propose sweep.yaml --history results.jsonl --count 4'],
  pack: ['sweep pack sweep.yaml --to packed'],
  reproduce: ['sweep reproduce digits-1a2b3c4d best', 'sweep reproduce digits-1a2b3c4d 12 --epochs 3'],
  list: ['sweep list', 'sweep list --all'],
  status: ['sweep status', 'sweep status digits', 'sweep status digits-1a2b3c4d --json'],
  logs: ['sweep logs', 'sweep logs 12 --follow', 'sweep logs digits-1a2b3c4d best'],
  report: ['sweep report', 'sweep report digits --limit 50', 'sweep report --html report.html'],
  model: ['sweep model --to best-model', 'sweep model digits-1a2b3c4d 12 --to s3://bucket/models/12'],
  compare: [
    'sweep compare digits-1a2b3c4d digits-5e6f7a8b',
    'sweep compare digits-1a2b3c4d digits-5e6f7a8b --html comparison.html',
  ],
  export: ['sweep export --to trials.csv', 'sweep export digits --format optuna --to study.log'],
  next: ['sweep next', 'sweep next digits-1a2b3c4d --to sweep-next.yaml'],
  verify: ['sweep verify digits-1a2b3c4d'],
  view: ['sweep view', 'sweep view digits-1a2b3c4d --port 8080'],
  pause: ['sweep pause digits-1a2b3c4d'],
  resume: ['sweep resume digits-1a2b3c4d'],
  set: ['sweep set digits-1a2b3c4d --trials 128'],
  skip: ['sweep skip digits-1a2b3c4d 12'],
  stop: ['sweep stop digits-1a2b3c4d'],
  remove: ['sweep remove digits-1a2b3c4d', 'sweep remove digits-1a2b3c4d --yes'],
  completion: ['source <(sweep completion bash)', 'sweep completion fish > ~/.config/fish/completions/sweep.fish'],
};

/** The end of a command's help; empty where it has no examples. */
export function examplesText(command: string): string {
  const lines = EXAMPLES[command] ?? [];
  return lines.length === 0 ? '' : `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** Words that people type from habit, and the command that does what they want. */
const HABITS: Readonly<Record<string, string>> = {
  ls: 'list',
  ps: 'list',
  rm: 'remove',
  delete: 'remove',
  destroy: 'remove',
  cancel: 'stop',
  kill: 'stop',
  tail: 'logs',
  log: 'logs',
  results: 'report',
  leaderboard: 'report',
  show: 'status',
  best: 'model',
  download: 'model',
  check: 'plan',
  validate: 'plan',
  new: 'init',
  create: 'init',
  submit: 'start',
  launch: 'start',
  deploy: 'start',
  train: 'run',
  local: 'run',
};

/** What is said to somebody whose first word is no command; null: nothing is known that they may mean. */
export function commandMeant(argv: readonly string[]): string | null {
  const word = argv.find((argument) => !argument.startsWith('-')) ?? '';
  if (/\.(ya?ml|json)$/.test(word)) return `(Did you mean sweep run ${word}?)`;
  const meant = HABITS[word.toLowerCase()];
  return meant === undefined ? null : `(Did you mean sweep ${meant}?)`;
}
