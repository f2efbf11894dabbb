export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * What a shell is told, one per shell. Each asks `labform __complete SHELL …` whenever Tab is pressed: the first line of
 * its answer is `words`, `files` or `directories`, the others are words with their descriptions behind a tab. What is
 * typed is handed over as it is; no script expands or executes any of it.
 */
export const scripts: { readonly [shell in Shell]: string } = {
  // labform is given the line, for bash cuts words at `=` and quotes and keeps their escapes; it answers with what
  // stands in for the part that bash replaces.
  bash: `# bash completion for labform
_labform() {
  local line kind=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done < <(labform __complete bash "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $kind in
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
  esac
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -F _labform labform
`,
  zsh: `#compdef labform
# zsh completion for labform
_labform() {
  local line kind= value
  local -a values shown open shownopen
  local -a typed=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; continue; fi
    value=\${line%%$'\\t'*}
    if [[ $value == *= ]]; then
      open+=("$value"); shownopen+=("\${line//$'\\t'/  -- }")
    else
      values+=("$value"); shown+=("\${line//$'\\t'/  -- }")
    fi
  done < <(labform __complete zsh "\${typed[@]}" 2>/dev/null)
  [[ $PREFIX == -*=* ]] && compset -P 1 '*='
  case $kind in
    files) _files ;;
    directories) _files -/ ;;
    *) compadd -l -S '' -d shownopen -a open
       compadd -l -d shown -a values ;;
  esac
}
if [[ \${funcstack[1]} == _labform ]]; then _labform "$@"; else compdef _labform labform; fi
`,
  fish: `# fish completion for labform
function __labform_complete
    set -l before (commandline -opc)
    set -l typed (commandline -ct | string unescape)
    set -l prefix (string match -r -- '^--?[^=]+=' "$typed")
    set -l answer (labform __complete fish $before[2..-1] "$typed" 2>/dev/null)
    set -l value (string replace -r -- '^--?[^=]+=' '' "$typed")
    switch "$answer[1]"
        case files
            for path in (__fish_complete_path "$value")
                echo "$prefix$path"
            end
        case directories
            for path in (__fish_complete_directories "$value" directory)
                echo "$prefix$path"
            end
        case words
            for word in $answer[2..-1]
                echo "$prefix$word"
            end
    end
end
complete -c labform -f -a '(__labform_complete)'
`,
};
