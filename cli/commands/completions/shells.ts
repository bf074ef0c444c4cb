/**
 * The completion scripts. They hold commands and options as text, so that Tab costs no start of sfetch; only org
 * names are asked for when they are needed.
 *
 * @module
 */

/** What Tab offers for a value. */
export type CompletedValue = "orgs" | "files" | "nothing" | CompletedWords;

/** Words, and where none of them fits, files. */
interface CompletedWords {
  words: readonly string[];
  orFiles?: boolean;
}

/** An option as a shell completes it. */
export interface CompletedOption {
  name: string;
  /** For `-o`. */
  letter?: string;
  description: string;
  /** Undefined where the option has no value. */
  value?: CompletedValue;
  repeats: boolean;
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  name: string;
  summary: string;
  options: CompletedOption[];
  /** What follows the command. */
  argument: CompletedValue;
}

/** The writers of the scripts, by shell. */
export const SCRIPTS = { bash, zsh, fish } as const;

const LIST_ORGS = "sfetch orgs --format csv 2>/dev/null | tail -n +2 | cut -d, -f1; echo practice";

function bash(commands: CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const values = commands.flatMap(({ name, options }) =>
    options.filter(({ value }) => value !== undefined).map(({ name: option, letter, value }) => {
      const patterns = [`--${option}`, ...(letter ? [`-${letter}`] : [])].map((each) =>
        `"${name} ${each}"`
      );
      return `    ${patterns.join("|")}) ${bashWords(value!)} ;;`;
    })
  );
  const rest = commands.map(({ name, options, argument }) => {
    const flags = options.map(({ name }) => `--${name}`).join(" ");
    return `    ${name})\n      if [[ $word == -* ]]; then candidates="${flags}"; ` +
      `else ${bashWords(argument)}; fi ;;`;
  });
  return `# sfetch completions for bash
_sfetch() {
  # The words as they were typed: bash itself splits them at = and @.
  local line="\${COMP_LINE:0:COMP_POINT}" words word previous command="" candidates="" i
  word="\${line##*[[:space:]]}"
  read -ra words <<< "\${line%"$word"}"
  previous="\${words[\${#words[@]} - 1]}"
  for ((i = 1; i < \${#words[@]}; i++)); do
    case "\${words[i]}" in
      --org|-o) ((i++)) ;;
      -*) ;;
      *) command="\${words[i]}"; break ;;
    esac
  done
  local inline=""
  if [[ $word == --*=* ]]; then
    previous="\${word%%=*}"
    inline="$previous="
    word="\${word#*=}"
  fi
  case "\${command:-repl} $previous" in
${values.join("\n")}
    *)
  case "$command" in
    "")
      if [[ $word == -* ]]; then candidates="--org --help --version"; else candidates="${names} help"; fi ;;
    help) candidates="${names}" ;;
${rest.join("\n")}
  esac ;;
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "$word"))
  # What bash takes for the current word may be only the end of it.
  local full="$inline$word" current="\${COMP_WORDS[COMP_CWORD]}"
  [[ $current == "=" ]] && current=""
  local before="\${full%"$current"}"
  before="\${before#"$inline"}"
  before="\${before%@}" # readline keeps an @ with the word after it
  [[ -n $before ]] && COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  return 0
}
_sfetch_orgs() { ${LIST_ORGS}; }
complete -F _sfetch sfetch
`;
}

/** Sets the candidates, or lets bash complete files. */
function bashWords(value: CompletedValue): string {
  if (value === "orgs") return 'candidates="$(_sfetch_orgs)"';
  if (value === "files") return "compopt -o default";
  if (value === "nothing") return 'candidates=""';
  return `candidates="${value.words.join(" ")}"${value.orFiles ? "; compopt -o default" : ""}`;
}

function zsh(commands: CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${zshWord(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options, argument }) => {
    const rest = argument === "nothing" ? [] : [zshWord(`*: :${zshAction(argument)}`)];
    const specs = [...options.map(zshOption), ...rest];
    return `        ${name})\n          _arguments ${specs.join(" \\\n            ")} ;;`;
  });
  return `#compdef sfetch
_sfetch_orgs() {
  local -a orgs
  orgs=(\${(f)"$(${LIST_ORGS})"})
  compadd -a orgs
}
_sfetch() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands
  commands=(
${names.join("\n")}
    'help:Show the help of a command'
  )
  _arguments -C '(-o --org)'{-o,--org=}'[the org]: :_sfetch_orgs' '(- *)--help[show the help]' \\
    '(- *)--version[show the version]' '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe command commands ;;
    arguments)
      case $words[1] in
        help) _describe command commands ;;
${cases.join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _sfetch ]]; then _sfetch "$@"; else compdef _sfetch sfetch; fi
`;
}

function zshOption({ name, letter, description, value, repeats }: CompletedOption): string {
  const shown = `[${description.replace(/[[\]:]/g, "\\$&")}]`;
  const action = value === undefined ? "" : `: :${zshAction(value)}`;
  const long = value === undefined ? `--${name}` : `--${name}=`;
  const first = repeats ? "*" : letter ? `(-${letter} --${name})` : "";
  return letter
    ? `${zshWord(first)}{-${letter},${long}}${zshWord(shown + action)}`
    : zshWord(first + long + shown + action);
}

function zshAction(value: CompletedValue): string {
  if (value === "orgs") return "_sfetch_orgs";
  if (value === "files") return "_files";
  if (value === "nothing") return " ";
  const words = `(${value.words.join(" ")})`;
  return value.orFiles ? `{_alternative 'words: :${words}' 'files: :_files'}` : words;
}

function zshWord(text: string): string {
  return text && `'${text.replaceAll("'", `'\\''`)}'`;
}

function fish(commands: CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, argument }) => {
    const inCommand = `-n ${fishWord(`test (__sfetch_command) = ${name}`)}`;
    return [
      `complete -c sfetch -n ${fishWord("test -z (__sfetch_command)")} -a ${name} -d ${
        fishWord(summary)
      }`,
      ...options.map(({ name: option, letter, description, value }) =>
        [
          `complete -c sfetch ${inCommand} -l ${option}`,
          ...(letter ? [`-s ${letter}`] : []),
          ...(value === undefined ? [] : [fishValue(value)]),
          `-d ${fishWord(description)}`,
        ].join(" ")
      ),
      ...(argument === "nothing"
        ? []
        : [`complete -c sfetch ${inCommand} ${fishValue(argument).replace(/^-[xr] ?/, "")}`]),
    ];
  });
  return `# sfetch completions for fish
function __sfetch_orgs
    ${LIST_ORGS}
end
function __sfetch_command --description 'The command in the line, if any'
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if contains -- $word --org -o
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
    echo
end
complete -c sfetch -f
complete -c sfetch -n 'test -z (__sfetch_command)' -l org -s o -x -a '(__sfetch_orgs)' -d 'the org'
${lines.join("\n")}
`;
}

function fishValue(value: CompletedValue): string {
  if (value === "orgs") return "-x -a '(__sfetch_orgs)'";
  if (value === "files") return "-r -F";
  if (value === "nothing") return "-x";
  return `${value.orFiles ? "-F" : "-x"} -a ${fishWord(value.words.join(" "))}`;
}

function fishWord(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
