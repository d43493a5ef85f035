/**
 * Environment variables that have a meaning of their own for whoever runs or serves a training program. A parameter in one
 * of them would be taken for that meaning (RANK=4 makes a program wait for three others), or never arrive (bash replaces
 * RANDOM and takes GROUPS away).
 */

interface Reader {
  /** Who reads, as a clause without its object. */
  readonly reads: string;
  readonly names: readonly string[];
  /** Whole families. */
  readonly prefixes?: readonly string[];
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const READERS: readonly Reader[] = [
  {
    reads: 'programs rely on the usual meaning of',
    names:
      words(`PATH HOME USER LOGNAME SHELL PWD OLDPWD TMPDIR TEMP TMP LANG LANGUAGE TERM COLORTERM TZ EDITOR PAGER BROWSER
      DISPLAY HOSTNAME NODE_OPTIONS`),
    prefixes: ['LC_', 'XDG_', 'SSH_'],
  },
  { reads: 'the loader of programs reads', names: [], prefixes: ['LD_', 'DYLD_'] },
  {
    // bash(1) "Shell Variables" and "Bash Variables", dash(1).
    reads: 'shells set or read',
    names:
      words(`_ ENV IFS UID EUID PPID RANDOM SRANDOM SECONDS LINENO LINES COLUMNS SHLVL SHELLOPTS REPLY GROUPS DIRSTACK
      FUNCNAME FUNCNEST PIPESTATUS EPOCHSECONDS EPOCHREALTIME OPTIND OPTARG OPTERR CDPATH GLOBIGNORE FIGNORE FCEDIT EXECIGNORE
      IGNOREEOF INPUTRC HOSTFILE HOSTTYPE MACHTYPE OSTYPE MAIL MAILCHECK MAILPATH MAPFILE COPROC EMACS CHILD_MAX
      PS0 PS1 PS2 PS3 PS4 POSIXLY_CORRECT TIMEFORMAT TMOUT`),
    prefixes: ['BASH', 'COMP_', 'COMPREPLY', 'HIST', 'PROMPT_', 'READLINE_'],
  },
  {
    // torchrun ("Environment Variables"), Lightning's cluster environments, Open MPI, PMI, Slurm and other schedulers.
    reads: 'launchers and libraries of distributed training read',
    names:
      words(`RANK LOCAL_RANK GLOBAL_RANK NODE_RANK GROUP_RANK ROLE_RANK ROLE_NAME WORLD_SIZE LOCAL_WORLD_SIZE GROUP_WORLD_SIZE
      ROLE_WORLD_SIZE`),
    prefixes: words('MASTER_ TORCHELASTIC_ PET_ SLURM_ PBS_ LSB_ JSM_ OMPI_ PMI_ PMIX_ MPI_ HOROVOD_ KUBERNETES_'),
  },
  {
    reads: 'libraries of training programs read',
    names:
      words(`VIRTUAL_ENV MPLBACKEND TF_CONFIG TF_CPP_MIN_LOG_LEVEL TF_CPP_VMODULE TF_DETERMINISTIC_OPS TF_ENABLE_ONEDNN_OPTS
      TF_FORCE_GPU_ALLOW_GROWTH TF_GPU_ALLOCATOR TF_GPU_THREAD_MODE TF_XLA_FLAGS ROCR_VISIBLE_DEVICES HIP_VISIBLE_DEVICES`),
    prefixes:
      words(`PYTHON CONDA_ TORCH_ PYTORCH_ TORCHINDUCTOR_ TRITON_ HF_ HUGGINGFACE_ TRANSFORMERS_ TOKENIZERS_ ACCELERATE_
      XLA_ JAX_ WANDB_ MLFLOW_`),
  },
  {
    reads: 'libraries for GPUs and threads read',
    names: [],
    prefixes: words('CUDA_ CUDNN_ CUBLAS_ NCCL_ NVIDIA_ GLOO_ UCX_ OMP_ GOMP_ KMP_ MKL_ OPENBLAS_ VECLIB_ NUMEXPR_'),
  },
  { reads: 'AWS tools and containers read', names: [], prefixes: ['AWS_', 'ECS_'] },
  { reads: 'the trial runner reads', names: [], prefixes: ['SWEEP_', 'SWEEPSTACK_'] },
];

/** Who else reads the variable, as a clause; null: nobody known. */
export function readByOthers(variable: string): string | null {
  if (variable.endsWith('_PROXY')) return 'programs that use the network read names that end with _PROXY';
  for (const { reads, names, prefixes = [] } of READERS) {
    if (names.includes(variable)) return `${reads} it`;
    const prefix = prefixes.find((start) => variable.startsWith(start));
    if (prefix !== undefined) return `${reads} names that start with ${prefix}`;
  }
  return null;
}
