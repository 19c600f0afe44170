/** A command as a completion script knows it. */
export interface CommandWords {
  name: string;
  about: string;
  commands: string[];
  /** Long flags, with the dashes. */
  flags: string[];
}

const names = (commands: readonly CommandWords[]): string => commands.map(({ name }) => name).join(' ');

function bash(commands: readonly CommandWords[]): string {
  const cases = commands
    .map(({ name, commands: inner, flags }) => `    ${name}) words="${[...inner, ...flags].join(' ')}" ;;`)
    .join('\n');
  return `# completion of yonder for bash: eval "$(yonder completion bash)"
_yonder() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "\${COMP_WORDS[COMP_CWORD-1]}" = --session ]; then
    mapfile -t COMPREPLY < <("\${COMP_WORDS[0]}" sessions list --json 2>/dev/null |
      sed -n 's/.*"session_id":"\\([^"]*\\)".*"title":"\\([^"]*\\)".*/\\1  \\2/p' | grep "^$current")
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
_yonder() {
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
    ...inner.map((word) => `complete -c yonder -n '__fish_seen_subcommand_from ${name}' -a ${word}`),
    ...flags.map((flag) => `complete -c yonder -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`),
  ]);
  return `# completion of yonder for fish: yonder completion fish | source\n${lines.join('\n')}\n`;
}

function flagsOfRun(commands: readonly CommandWords[]): string {
  return (commands.find(({ name }) => name === 'run')?.flags ?? []).join(' ');
}

export const SHELLS = { bash, zsh, fish } as const;
