# Completion of segments in fish. Made by segcli from its own commands; to change it, change them.
# For good: segments completion install fish

# The words of the line that are whole, each on a line of its own; an option's value with its option.
function __segments_words
    set -l option
    for word in (commandline -opc)[2..-1]
        if set -q option[1]
            printf '%s\n' "$option=$word"
            set -e option[1]
        else if contains -- $word --auth-host --backend --ca-bundle --chunk-size --client-id --code --column --concurrency --description --fault-rate --fields --file --filter --host --latency --limit --log-format --max-remove --name --output --page-size --port --profile --query --rate-limit --rejects --rps --secret-command --site --sort --start-index --tenant --timeout --tls-cert --tls-key --token-lifetime -f -o
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
        else if contains -- "$path" '' 'accounts' 'profile' 'completion'
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
    if set -l path (string replace -f -- sqlite: '' $value)
        printf 'sqlite:%s\n' (__fish_complete_path $path)
    else
        printf '%s\n' sqlite: https://
    end
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
            __segments_among "$base" "$token" ' eq; ne; gt; ge; lt; le' id code name description createDate updateDate createBy updateBy
        case 1
            if contains -- $before code name description createBy updateBy
                __segments_among "$base" "$token" ' ; "' eq ne gt ge lt le cont sw
            else
                __segments_among "$base" "$token" ' ; "' eq ne gt ge lt le
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
        __segments_among "$base" "$token" '; asc; desc' id code name description createDate updateDate createBy updateBy
    end
end

function __segments_fields
    set -l value (__segments_value)
    set -l token (string replace -r -- '.*[,-]' '' "$value")
    set -l base (string replace -r -- '[^,-]*$' '' "$value")
    __segments_among "$base" "$token" ';,' id code name description createDate updateDate createBy updateBy
end

complete -c segments -e
complete -c segments -f
complete -c segments -l profile -r -f -a '(__segments_live profiles)' -d 'A backend and its credentials, by name.'
complete -c segments -l backend -r -f -a '(__segments_backends)' -d 'sqlite:PATH, or a tenant\'s https://HOST.'
complete -c segments -l output -s o -r -f -a 'table tsv json jsonl csv yaml id code' -d 'table, tsv, json, jsonl, csv, yaml, id, code.'
complete -c segments -l query -r -f -d 'Reshape the JSON form of the result.'
complete -c segments -l quiet -s q -d 'Say nothing beside result and errors.'
complete -c segments -l verbose -s v -d 'Tell each request or statement on stderr.'
complete -c segments -l timeout -r -f -d 'For a request or a lock; 30 where not said.'
complete -c segments -l rps -r -f -d 'At most N requests a second.'
complete -c segments -l ca-bundle -r -F -d 'Trust these certificate authorities.'
complete -c segments -l no-color -d 'No colours; NO_COLOR is obeyed too.'
complete -c segments -l version -d 'Show the version and exit.'
complete -c segments -l help -s h -d 'Show this message and exit.'
complete -c segments -n '__segments_at \'\'' -a add -d 'Add a segment, and show it.'
complete -c segments -n '__segments_at \'\'' -a get -d 'Show segments by id or code.'
complete -c segments -n '__segments_at \'\'' -a list -d 'List segments: one page, or all of them.'
complete -c segments -n '__segments_at \'\'' -a update -d 'Change what is given of a segment, and show it.'
complete -c segments -n '__segments_at \'\'' -a delete -d 'Delete segments and their memberships, after asking.'
complete -c segments -n '__segments_at \'\'' -a accounts -d 'Add, remove and list the accounts of a segment.'
complete -c segments -n '__segments_at \'\'' -a profile -d 'Keep backends and their credentials under names.'
complete -c segments -n '__segments_at \'\'' -a serve -d 'Serve the resource over HTTP, to try apps and SDKs against.'
complete -c segments -n '__segments_at \'\'' -a doctor -d 'Check the set-up: configuration, host, ticket, clock, store.'
complete -c segments -n '__segments_at \'\'' -a completion -d 'Complete commands, options and codes with TAB.'
complete -c segments -n '__segments_at \'add\'' -l name -r -f -d 'What people call it.'
complete -c segments -n '__segments_at \'add\'' -l description -r -f -d 'What it is for.'
complete -c segments -n '__segments_at \'get\'' -l fields -r -f -a '(__segments_fields)' -d 'Show only these: id,code,name or -description.'
complete -c segments -n '__segments_at \'get\' 0+' -f -a '(__segments_live segments)'
complete -c segments -n '__segments_at \'list\'' -l filter -r -f -a '(__segments_filter)' -d 'Only those that match FIELD OP VALUE, more with and; OP is eq ne gt ge lt le cont sw.'
complete -c segments -n '__segments_at \'list\'' -l sort -r -f -a '(__segments_sort)' -d 'FIELD, FIELD asc or FIELD desc, with commas; by id where not said.'
complete -c segments -n '__segments_at \'list\'' -l start-index -r -f -d 'How many to pass over.'
complete -c segments -n '__segments_at \'list\'' -l page-size -r -f -d 'How many a page holds, 1 to 200; 20 or, with --all, 200.'
complete -c segments -n '__segments_at \'list\'' -l all -d 'Every page, streamed.'
complete -c segments -n '__segments_at \'list\'' -l limit -r -f -d 'This many at most, over pages.'
complete -c segments -n '__segments_at \'list\'' -l fields -r -f -a '(__segments_fields)' -d 'Show only these: id,code,name or -description.'
complete -c segments -n '__segments_at \'update\'' -l code -r -f -d 'Its new code.'
complete -c segments -n '__segments_at \'update\'' -l name -r -f -d 'What people call it.'
complete -c segments -n '__segments_at \'update\'' -l description -r -f -d 'What it is for.'
complete -c segments -n '__segments_at \'update\' 0' -f -a '(__segments_live segments)'
complete -c segments -n '__segments_at \'delete\'' -l yes -s y -d 'Do not ask.'
complete -c segments -n '__segments_at \'delete\'' -l ignore-missing -d 'Pass over those that do not exist.'
complete -c segments -n '__segments_at \'delete\' 0+' -f -a '(__segments_live segments)'
complete -c segments -n '__segments_at \'accounts\'' -a add -d 'Make accounts members of a segment.'
complete -c segments -n '__segments_at \'accounts\'' -a remove -d 'End memberships; accounts that are no members are counted.'
complete -c segments -n '__segments_at \'accounts\'' -a set -d 'Make a file the membership: add what is missing, remove what is extra, after asking.'
complete -c segments -n '__segments_at \'accounts\'' -a list -d 'List the accounts of a segment, in ascending order.'
complete -c segments -n '__segments_at \'accounts\'' -a of -d 'List the segments that accounts are in.'
complete -c segments -n '__segments_at \'accounts add\'' -l file -s f -r -F -d 'Text, CSV, JSON or JSON lines; - is stdin.'
complete -c segments -n '__segments_at \'accounts add\'' -l column -r -f -d 'The CSV\'s column; else accountId or id.'
complete -c segments -n '__segments_at \'accounts add\'' -l skip-invalid -d 'Pass over and count what is no account id.'
complete -c segments -n '__segments_at \'accounts add\'' -l rejects -r -F -d 'Keep what was refused, with the reason.'
complete -c segments -n '__segments_at \'accounts add\'' -l dry-run -d 'Count what would change, change nothing.'
complete -c segments -n '__segments_at \'accounts add\'' -l chunk-size -r -f -d 'Accounts a request, 1000 where not said; locally, accounts a transaction, else one for all.'
complete -c segments -n '__segments_at \'accounts add\'' -l concurrency -r -f -d 'Requests to a tenant at a time.'
complete -c segments -n '__segments_at \'accounts add\'' -l resume -d 'Go on where this command was interrupted.'
complete -c segments -n '__segments_at \'accounts add\' 0' -f -a '(__segments_live segments)'
complete -c segments -n '__segments_at \'accounts remove\'' -l file -s f -r -F -d 'Text, CSV, JSON or JSON lines; - is stdin.'
complete -c segments -n '__segments_at \'accounts remove\'' -l column -r -f -d 'The CSV\'s column; else accountId or id.'
complete -c segments -n '__segments_at \'accounts remove\'' -l skip-invalid -d 'Pass over and count what is no account id.'
complete -c segments -n '__segments_at \'accounts remove\'' -l rejects -r -F -d 'Keep what was refused, with the reason.'
complete -c segments -n '__segments_at \'accounts remove\'' -l strict -d 'An account that is no member is an error.'
complete -c segments -n '__segments_at \'accounts remove\'' -l dry-run -d 'Count what would change, change nothing.'
complete -c segments -n '__segments_at \'accounts remove\'' -l concurrency -r -f -d 'Requests to a tenant at a time.'
complete -c segments -n '__segments_at \'accounts remove\'' -l resume -d 'Go on where this command was interrupted.'
complete -c segments -n '__segments_at \'accounts remove\' 0' -f -a '(__segments_live segments)'
complete -c segments -n '__segments_at \'accounts set\'' -l file -s f -r -F -d 'Text, CSV, JSON or JSON lines; - is stdin.'
complete -c segments -n '__segments_at \'accounts set\'' -l column -r -f -d 'The CSV\'s column; else accountId or id.'
complete -c segments -n '__segments_at \'accounts set\'' -l skip-invalid -d 'Pass over and count what is no account id.'
complete -c segments -n '__segments_at \'accounts set\'' -l rejects -r -F -d 'Keep what was refused, with the reason.'
complete -c segments -n '__segments_at \'accounts set\'' -l max-remove -r -f -d 'Refuse to remove more than that.'
complete -c segments -n '__segments_at \'accounts set\'' -l allow-empty -d 'Let a file without accounts empty it.'
complete -c segments -n '__segments_at \'accounts set\'' -l yes -s y -d 'Do not ask.'
complete -c segments -n '__segments_at \'accounts set\'' -l dry-run -d 'Count what would change, change nothing.'
complete -c segments -n '__segments_at \'accounts set\'' -l chunk-size -r -f -d 'Accounts a request, 1000 where not said; locally, accounts a transaction, else one for all.'
complete -c segments -n '__segments_at \'accounts set\'' -l concurrency -r -f -d 'Requests to a tenant at a time.'
complete -c segments -n '__segments_at \'accounts set\' 0' -f -a '(__segments_live segments)'
complete -c segments -n '__segments_at \'accounts list\' 0' -f -a '(__segments_live segments)'
complete -c segments -n '__segments_at \'accounts of\'' -l filter -r -f -a '(__segments_filter)' -d 'Only those that match FIELD OP VALUE, more with and; OP is eq ne gt ge lt le cont sw.'
complete -c segments -n '__segments_at \'accounts of\'' -l sort -r -f -a '(__segments_sort)' -d 'FIELD, FIELD asc or FIELD desc, with commas; by id where not said.'
complete -c segments -n '__segments_at \'accounts of\'' -l fields -r -f -a '(__segments_fields)' -d 'Show only these: id,code,name or -description.'
complete -c segments -n '__segments_at \'profile\'' -a add -d 'Keep a backend under a name; --backend, --timeout, --rps, --ca-bundle and -o are kept with it.'
complete -c segments -n '__segments_at \'profile\'' -a list -d 'List the profiles.'
complete -c segments -n '__segments_at \'profile\'' -a use -d 'Make a profile the one that is used unasked.'
complete -c segments -n '__segments_at \'profile\'' -a show -d 'Show the settings in force and where each comes from; secrets are masked.'
complete -c segments -n '__segments_at \'profile\'' -a remove -d 'Take a profile out, and its secret out of the keyring.'
complete -c segments -n '__segments_at \'profile add\'' -l client-id -r -f -d 'The application\'s id.'
complete -c segments -n '__segments_at \'profile add\'' -l auth-host -r -f -d 'Where tickets come from, if not the vendor\'s home.'
complete -c segments -n '__segments_at \'profile add\'' -l tenant -r -f -d 'The tenant, where the host does not say.'
complete -c segments -n '__segments_at \'profile add\'' -l site -r -f -d 'The site, where the host does not say.'
complete -c segments -n '__segments_at \'profile add\'' -l secret-command -r -f -d 'A command whose first line is the shared secret.'
complete -c segments -n '__segments_at \'profile add\'' -l keyring -d 'Keep the shared secret in the system\'s keyring.'
complete -c segments -n '__segments_at \'profile add\'' -l secret-stdin -d 'Read the shared secret from stdin, not from the terminal.'
complete -c segments -n '__segments_at \'profile use\' 0' -f -a '(__segments_live profiles)'
complete -c segments -n '__segments_at \'profile show\' 0' -f -a '(__segments_live profiles)'
complete -c segments -n '__segments_at \'profile remove\'' -l yes -s y -d 'Do not ask.'
complete -c segments -n '__segments_at \'profile remove\' 0' -f -a '(__segments_live profiles)'
complete -c segments -n '__segments_at \'serve\'' -l host -r -f -d 'Where to listen.'
complete -c segments -n '__segments_at \'serve\'' -l port -r -f -d '0 takes any that is free.'
complete -c segments -n '__segments_at \'serve\'' -l client-id -r -f -d 'Who is given tickets, for the secret in SEGMENTS_SERVE_SECRET; made up where not said.'
complete -c segments -n '__segments_at \'serve\'' -l no-auth -d 'Let everyone on this machine in.'
complete -c segments -n '__segments_at \'serve\'' -l tenant -r -f -d 'Refuse requests for another tenant.'
complete -c segments -n '__segments_at \'serve\'' -l site -r -f -d 'Refuse requests for another site.'
complete -c segments -n '__segments_at \'serve\'' -l tls-cert -r -F -d 'Speak TLS with this certificate chain, in PEM.'
complete -c segments -n '__segments_at \'serve\'' -l tls-key -r -F -d 'The certificate\'s key.'
complete -c segments -n '__segments_at \'serve\'' -l log-format -r -f -a 'text json' -d 'How requests are logged.'
complete -c segments -n '__segments_at \'serve\'' -l rate-limit -r -f -d 'More requests a second are 429.'
complete -c segments -n '__segments_at \'serve\'' -l latency -r -f -d 'Answer this much later.'
complete -c segments -n '__segments_at \'serve\'' -l fault-rate -r -f -d 'This share of requests is answered 503, or its connection is lost before or after.'
complete -c segments -n '__segments_at \'serve\'' -l token-lifetime -r -f -d 'How long a token is good.'
complete -c segments -n '__segments_at \'completion\'' -a install -d 'Put the script where the shell finds it, for this user alone.'
complete -c segments -n '__segments_at \'completion\'' -a show -d 'Print the script that completes in a shell.'
complete -c segments -n '__segments_at \'completion install\' 0' -f -a 'bash zsh fish'
complete -c segments -n '__segments_at \'completion show\' 0' -f -a 'bash zsh fish'
