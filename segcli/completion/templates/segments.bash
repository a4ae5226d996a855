# Completion of segments in bash 4.4 or newer. Made by segcli from its own commands; to change it,
# change them. For good: segments completion install bash

# The words, options, values of options (`takes`) and arguments of a command.
_segments_command() {
    words='' options='' takes='' arguments=''
    case $1 in
@commands@
    esac
    options+=' @common_options@'
    takes+=' @common_takes@'
}

# Splits a line as the shell would, without expanding anything in it: whole words into `line`; of the
# one at its end its value (`word`), how it is written (`raw`) and the quote that is open (`quote`).
# `opaque`: a value can be known only by expanding it. `target`: the last word is a redirection's.
_segments_split() {
    local text=$1 index char begin=0 started=''
    line=() word='' quote='' opaque='' target=''
    for ((index = 0; index < ${#text}; index++)); do
        char=${text:index:1}
        if [[ $quote == "'" ]]; then
            if [[ $char == "'" ]]; then quote=''; else word+=$char; fi
        elif [[ $char == \\ ]]; then
            ((index += 1))
            char=${text:index:1}
            if [[ $quote && $char != [\"\\\$\`] ]]; then word+=\\; fi
            word+=$char started=1
        elif [[ $char == [\$\`] ]]; then
            word+=$char started=1 opaque=1
        elif [[ $quote ]]; then
            if [[ $char == '"' ]]; then quote=''; else word+=$char; fi
        elif [[ $char == [\'\"] ]]; then
            quote=$char started=1
        elif [[ $char == [[:space:]\<\>] ]]; then
            if [[ $started && ! $target ]]; then line+=("$word"); fi
            if [[ $started ]]; then target=''; fi
            if [[ $char == [\<\>] ]]; then target=1; fi
            word='' started='' begin=$((index + 1))
        else
            word+=$char started=1
        fi
    done
    raw=${text:begin}
}

# Text as it is written inside the quote that is open, or outside of any.
_segments_quote() {
    local open=$1 text=$2 index char
    quoted=''
    if [[ ! $open ]]; then
        if [[ $text ]]; then printf -v quoted %q "$text"; fi
        quoted=${quoted//\\,/,} # which bash escapes without need
        return
    fi
    for ((index = 0; index < ${#text}; index++)); do
        char=${text:index:1}
        case $open$char in
            "''") quoted+="'\\''" ;;
            \"[\"\\\$\`]) quoted+=\\$char ;;
            '"!') quoted+='"\!"' ;;
            *) quoted+=$char ;;
        esac
    done
    # What ends like this readline takes for closed.
    if [[ $quoted == *"$open" ]]; then quoted+=$open; fi
}

# Offers those of the values that begin as the word does. readline replaces only a part of the word
# (`text`, from the last colon on, say), and takes what replaces it as it is: so it is quoted here.
_segments_offer() {
    local typed=$word open=$quote head=${raw%"$text"} value quoted
    local line word raw quote opaque target
    _segments_split "$head"
    for value; do
        if [[ $value == "$typed"* && $value == "$word"* ]]; then
            _segments_quote "$open" "${value#"$word"}"
            COMPREPLY+=("$quoted")
        fi
    done
}

# What only the configuration or a backend knows: one process, a second at most.
_segments_live() {
    local -a values=()
    if [[ ! $opaque ]]; then
        mapfile -t values < <(
            command segments "${chosen[@]}" completion values "$1" -- "${word#"$prefix"}" 2>/dev/null </dev/null
        )
        _segments_offer "${values[@]/#/$prefix}"
    fi
}

_segments_files() {
    local -a files=()
    local index
    mapfile -t files < <(compgen -f -- "${word#"$prefix$1"}")
    for index in "${!files[@]}"; do
        if [[ -d ${files[index]} ]]; then
            files[index]+=/
            compopt -o nospace
        fi
    done
    _segments_offer "${files[@]/#/$prefix$1}"
}

_segments_backends() {
    local scheme offered=()
    for scheme in @path_prefixes@; do
        if [[ ${word#"$prefix"} == "$scheme"* ]]; then
            _segments_files "$scheme"
            return
        fi
    done
    for scheme in @backend_prefixes@; do
        offered+=("$prefix$scheme")
    done
    compopt -o nospace
    _segments_offer "${offered[@]}"
}

# A clause of a filter. Where only one value fits there are two, so that readline, which would take
# the word for complete, does not close its quote.
_segments_filter() {
    local clause=${word##* [aA][nN][dD] } token base operators='@operators@'
    clause=${clause#"$prefix"}
    token=${clause##* } base=${word%"${clause##* }"}
    local -a before=() fitting=()
    read -ra before <<<"${clause%"$token"}"
    compopt -o nospace
    case ${#before[@]} in
        0)
            mapfile -t fitting < <(compgen -W '@fields@' -- "$token")
            if [[ ${#fitting[@]} == 1 ]]; then
                if [[ ' @text_fields@ ' != *" ${fitting[0]} "* ]]; then operators='@other_operators@'; fi
                mapfile -t fitting < <(compgen -P "${fitting[0]} " -W "$operators")
            fi
            ;;
        1)
            if [[ ' @text_fields@ ' != *" ${before[0]} "* ]]; then operators='@other_operators@'; fi
            mapfile -t fitting < <(compgen -W "$operators" -- "$token")
            if [[ ${#fitting[@]} == 1 ]]; then fitting=("${fitting[0]} " "${fitting[0]} \""); fi
            ;;
    esac
    _segments_offer "${fitting[@]/#/$base}"
}

_segments_sort() {
    local part=${word#"$prefix"} token
    part=${part##*,}
    token=${part##* }
    local -a fitting=()
    compopt -o nospace
    if [[ ${part%"$token"} == *[![:space:]]* ]]; then
        mapfile -t fitting < <(compgen -W 'asc desc' -- "$token")
    else
        mapfile -t fitting < <(compgen -W '@fields@' -- "$token")
        if [[ ${#fitting[@]} == 1 ]]; then fitting+=("${fitting[0]} asc" "${fitting[0]} desc"); fi
    fi
    _segments_offer "${fitting[@]/#/${word%"$token"}}"
}

_segments_fields() {
    local part=${word#"$prefix"}
    part=${part##*,}
    part=${part#-}
    local -a fitting=()
    compopt -o nospace
    mapfile -t fitting < <(compgen -W '@fields@' -- "$part")
    if [[ ${#fitting[@]} == 1 ]]; then fitting+=("${fitting[0]},"); fi
    _segments_offer "${fitting[@]/#/${word%"$part"}}"
}

# Offers what a value of that kind may be; `prefix` is what stands before it in the same word.
_segments_value() {
    local prefix=${2-}
    local -a choices=()
    case $1 in
        choice,*)
            read -ra choices <<<"${1//,/ }"
            _segments_offer "${choices[@]/#/$prefix}"
            ;;
        file) _segments_files '' ;;
        segment) _segments_live segments ;;
        profile) _segments_live profiles ;;
        backend) _segments_backends ;;
        filter) _segments_filter ;;
        sort) _segments_sort ;;
        fields) _segments_fields ;;
    esac
}

# Sets `kind` to what the option takes, to nothing where it is a switch.
_segments_takes() {
    kind=''
    if [[ " $takes " == *" $1:"* ]]; then
        kind=${takes#*"$1:"}
        kind=${kind%% *}
    fi
}

_segments() {
    local IFS=$' \t\n' text=$2 words options takes arguments path='' option='' kind='' ended='' position=0
    local -a line=() chosen=() places=()
    local word raw quote opaque target item typed
    COMPREPLY=()
    _segments_split "${COMP_LINE:0:COMP_POINT}"
    if [[ $target ]]; then
        compopt -o default
        return
    fi
    _segments_command ''
    for item in "${line[@]:1}"; do
        if [[ $option ]]; then
            if [[ $option == --profile || $option == --backend ]]; then chosen+=("$option=$item"); fi
            option=''
        elif [[ ! $ended && $item == -- ]]; then
            ended=1
        elif [[ ! $ended && $item == --*=* ]]; then
            if [[ $item == --profile=* || $item == --backend=* ]]; then chosen+=("$item"); fi
        elif [[ ! $ended && $item == -?* ]]; then
            _segments_takes "$item"
            if [[ $kind ]]; then option=$item; fi
        elif [[ $words ]]; then
            path+=" $item"
            _segments_command "$path"
        else
            ((position += 1))
        fi
    done
    if [[ $option ]]; then
        _segments_takes "$option"
        _segments_value "$kind"
    elif [[ ! $ended && $word == --*=* ]]; then
        _segments_takes "${word%%=*}"
        _segments_value "$kind" "${word%%=*}="
    elif [[ ! $ended && $word == -* ]]; then
        read -ra places <<<"$options"
        _segments_offer "${places[@]}"
    elif [[ $words ]]; then
        read -ra places <<<"$words"
        _segments_offer "${places[@]}"
    else
        read -ra places <<<"$arguments"
        if [[ $position -ge ${#places[@]} && $arguments == *... ]]; then position=$((${#places[@]} - 1)); fi
        item=${places[position]-}
        _segments_value "${item%...}"
    fi
}

complete -F _segments segments
