# Completion of segments in fish. Made by segcli from its own commands; to change it, change them.
# For good: segments completion install fish

# The words of the line that are whole, each on a line of its own; an option's value with its option.
function __segments_words
    set -l option
    for word in (commandline -opc)[2..-1]
        if set -q option[1]
            printf '%s\n' "$option=$word"
            set -e option[1]
        else if contains -- $word @taking@
            set option $word
        else
            printf '%s\n' "$word"
        end
    end
end

# Whether the line calls the command that is named, with that many arguments so far: `3`, or `2+`.
function __segments_at
    set -l path
    set -l count 0
    for word in (__segments_words)
        if string match -q -- '-*' $word
            continue
        else if contains -- "$path" @groups@
            set -a path $word
        else
            set count (math $count + 1)
        end
    end
    test "$path" = "$argv[1]"; or return
    switch "$argv[2]"
        case ''
            return 0
        case '*+'
            test $count -ge (string trim -r -c + -- $argv[2])
        case '*'
            test $count -eq $argv[2]
    end
end

# The value at the cursor, without the option that stands before it in the same word.
function __segments_value
    string unescape -- (commandline -ct) | string replace -r -- '^--[a-z-]+=' ''
end

# What only the configuration or a backend knows: one process, a second at most.
function __segments_live
    set -l chosen (__segments_words | string match -r -- '^--(?:profile|backend)=.*')
    command segments $chosen completion values $argv[1] -- (__segments_value) 2>/dev/null </dev/null
end

function __segments_backends
    set -l value (__segments_value)
    for scheme in @path_prefixes@
        if set -l path (string replace -f -- $scheme '' $value)
            printf "$scheme%s\n" (__fish_complete_path $path)
            return
        end
    end
    printf '%s\n' @backend_prefixes@
end

# Those of the words that begin as the value ends, after whatever comes before them. For one alone there
# are two, with each of the endings, so that fish does not take the value for complete and close its quote.
function __segments_among
    set -l base $argv[1]
    set -l token $argv[2]
    set -l endings (string split ';' -- $argv[3])
    set -l fitting (string match -- "$token*" $argv[4..-1])
    if test (count $fitting) -eq 1
        set fitting "$fitting"$endings
    end
    printf '%s\n' "$base"$fitting
end

function __segments_filter
    set -l value (__segments_value)
    set -l token (string replace -r -- '.*\s' '' "$value")
    set -l base (string replace -r -- '\S*$' '' "$value")
    set -l before (string match -ar -- '\S+' (string replace -ri -- '.*\sand\s' '' "$base"))
    switch (count $before)
        case 0
            __segments_among "$base" "$token" ' eq; ne; gt; ge; lt; le' @fields@
        case 1
            if contains -- $before @text_fields@
                __segments_among "$base" "$token" ' ; "' @operators@
            else
                __segments_among "$base" "$token" ' ; "' @other_operators@
            end
    end
end

function __segments_sort
    set -l value (__segments_value)
    set -l token (string replace -r -- '.*[,\s]' '' "$value")
    set -l base (string replace -r -- '[^,\s]*$' '' "$value")
    if string match -qr -- '[^,\s]\s+$' "$base"
        __segments_among "$base" "$token" '' asc desc
    else
        __segments_among "$base" "$token" '; asc; desc' @fields@
    end
end

function __segments_fields
    set -l value (__segments_value)
    set -l token (string replace -r -- '.*[,-]' '' "$value")
    set -l base (string replace -r -- '[^,-]*$' '' "$value")
    __segments_among "$base" "$token" ';,' @fields@
end

complete -c segments -e
complete -c segments -f
@completions@
