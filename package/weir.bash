# bash completion of weir(8)
_weir() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  case $previous in
    -c | --config)
      mapfile -t COMPREPLY < <(compgen -f -X '!*.conf' -- "$current"; compgen -d -S / -- "$current")
      compopt -o filenames -o nospace 2>/dev/null
      return
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W '-c --config -t --test -e --env -v --version -g --signature -h --help bench demo migrate probe' -- "$current")
}
complete -F _weir weir
