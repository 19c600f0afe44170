/** A command as a completion script knows it. */
export interface CommandWords {
  name: string;
  about: string;
  commands: string[];
  /** Those of them whose first argument is a session. */
  ofSession: string[];
  /** Long flags, with the dashes. */
  flags: string[];
}

/** Of a line of `sessions list --json`: the id, two blanks, the title. */
const SESSION_LINE = String.raw`s/.*"session_id":"\([^"]*\)".*"title":"\([^"]*\)".*/\1  \2/p`;

/** The commands below `sessions` that take one, between the given marks. */
const takers = (commands: readonly CommandWords[], between: string): string =>
  (commands.find(({ name }) => name === 'sessions')?.ofSession ?? []).join(between);

const names = (commands: readonly CommandWords[]): string => commands.map(({ name }) => name).join(' ');

function bash(commands: readonly CommandWords[]): string {
  const cases = commands
    .map(({ name, commands: inner, flags }) => `    ${name}) words="${[...inner, ...flags].join(' ')}" ;;`)
    .join('\n');
  return `# completion of yonder for bash: eval "$(yonder completion bash)"
_yonder() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  local -i session=0
  [ "\${COMP_WORDS[COMP_CWORD-1]}" = --session ] && session=1
  if [ "\${COMP_WORDS[1]}" = sessions ] && [ "$COMP_CWORD" = 3 ]; then
    case "\${COMP_WORDS[2]}" in ${takers(commands, '|')}) session=1 ;; esac
  fi
  if [ "$session" = 1 ]; then
    mapfile -t COMPREPLY < <("\${COMP_WORDS[0]}" sessions list --json 2>/dev/null |
      sed -n '${SESSION_LINE}' | grep "^$current")
    # Titles tell several apart; of the one that is left only the id is written.
    [ "\${#COMPREPLY[@]}" = 1 ] && COMPREPLY=("\${COMPREPLY[0]%%  *}")
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases}
    *) words="${names(commands)} ${flagsOfRun(commands)}" ;;
  esac
  [ "$COMP_CWORD" = 1 ] && words="${names(commands)} ${flagsOfRun(commands)}"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$current" in -*) ;; *) COMPREPLY+=($(compgen -f -- "$current")) ;; esac
}
complete -o filenames -F _yonder yonder
`;
}

function zsh(commands: readonly CommandWords[]): string {
  const cases = commands
    .map(({ name, commands: inner, flags }) => `    ${name}) compadd -- ${[...inner, ...flags].join(' ')} ;;`)
    .join('\n');
  return `#compdef yonder
# completion of yonder for zsh: eval "$(yonder completion zsh)"
_yonder_sessions() {
  local -a lines ids
  lines=("\${(@f)$($words[1] sessions list --json 2>/dev/null | sed -n '${SESSION_LINE}')}")
  ids=(\${lines%%  *})
  compadd -l -d lines -a ids
}
_yonder() {
  if [[ "$words[CURRENT-1]" == --session ]]; then
    _yonder_sessions
    return
  fi
  if [[ "$words[2]" == sessions && CURRENT -eq 4 && "$words[3]" == (${takers(commands, '|')}) ]]; then
    _yonder_sessions
    return
  fi
  if (( CURRENT == 2 )); then
    compadd -- ${names(commands)} ${flagsOfRun(commands)}
    _files
    return
  fi
  case "$words[2]" in
${cases}
    *) compadd -- ${flagsOfRun(commands)} ;;
  esac
  _files
}
(( $+functions[compdef] )) && compdef _yonder yonder
`;
}

function fish(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, about, commands: inner, flags }) => [
    `complete -c yonder -n __fish_use_subcommand -a ${name} -d '${about.replaceAll("'", '')}'`,
    ...inner.map(
      (word) =>
        `complete -c yonder -n '__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${inner.join(' ')}' -a ${word}`,
    ),
    ...flags
      .filter((flag) => flag !== '--session')
      .map((flag) => `complete -c yonder -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`),
  ]);
  return `# completion of yonder for fish: yonder completion fish | source
function __yonder_sessions
  yonder sessions list --json 2>/dev/null | string replace -rf '.*"session_id":"([^"]*)".*"title":"([^"]*)".*' '$1'\\t'$2'
end
complete -c yonder -l session -x -a '(__yonder_sessions)'
complete -c yonder -n '__fish_seen_subcommand_from sessions; and __fish_seen_subcommand_from ${takers(commands, ' ')}' -x -a '(__yonder_sessions)'
${lines.join('\n')}
`;
}

function flagsOfRun(commands: readonly CommandWords[]): string {
  return (commands.find(({ name }) => name === 'run')?.flags ?? []).join(' ');
}

export const SHELLS = { bash, zsh, fish } as const;
