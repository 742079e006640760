/** Shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const BASH = `# bash completion for copepod: source <(copepod completion bash)
_copepod() {
  local answer directive value
  COMPREPLY=()
  answer=$(copepod __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return 0
  directive=\${answer##*:}
  while IFS=$'\\t' read -r value _; do
    [[ -n $value && $value != :* ]] && COMPREPLY+=("$value")
  done <<<"$answer"
  [[ \${#COMPREPLY[@]} -eq 0 && $directive == 0 ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F _copepod copepod
`;

const ZSH = `#compdef copepod
# zsh completion for copepod: source <(copepod completion zsh), or a file _copepod in a directory of $fpath
_copepod() {
  local -a lines candidates
  local line directive
  lines=("\${(@f)$(copepod __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive=\${lines[-1]#:}
  for line in "\${(@)lines[1,-2]}"; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( \${#candidates} )) && _describe copepod candidates
  [[ $directive == 0 ]] && _files
  return 0
}
if [[ \${funcstack[1]} == _copepod ]]; then _copepod "$@"; else compdef _copepod copepod; fi
`;

const FISH = `# fish completion for copepod: copepod completion fish | source
function __copepod_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (copepod __complete $words[2..-1] 2>/dev/null)
    test (count $lines) -gt 0; or return
    if test $lines[-1] = :0
        __fish_complete_path (commandline -ct)
    end
    set -e lines[-1]
    printf '%s\\n' $lines
end
complete -c copepod -f -a '(__copepod_complete)'
`;

/** The completion script of each shell. It asks `copepod __complete`, so it never has to be made anew. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
