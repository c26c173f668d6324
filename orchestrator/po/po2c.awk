# Makes one C file of all .po files given: text_languages[] of orchestrator/text.h. For any POSIX awk (mawk too).
# The language is the file's name. Strings stay as they are written between the quotes: the escapes of a .po file
# are those of C. Fuzzy entries and entries without translation are faults: the build stops and names them.
# Obsolete entries (#~) are left out; plural forms and contexts are not used here.

function fault(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	failed = 1
}

# The text between the first and the last quote of a line.
function quoted(line) {
	if (line !~ /".*"[ \t\r]*$/) {
		fault("no closing quote")
		return ""
	}
	sub(/^[^"]*"/, "", line)
	sub(/"[ \t\r]*$/, "", line)
	return line
}

# Bytes of the string once C has read it: only for sorting, so the keys being ASCII matters.
function bytes(text,   t) {
	t = text
	gsub(/\\[0-7][0-7][0-7]/, "x", t)
	gsub(/\\./, "x", t)
	return length(t)
}

function flush_entry(   n) {
	if (state == "msgstr" && id != "") {
		if (fuzzy)
			fault("fuzzy: \"" id "\"")
		else if (str == "")
			fault("not translated: \"" id "\"")
		else if ((lang, id) in seen)
			fault("twice: \"" id "\"")
		else {
			seen[lang, id] = 1
			n = ++count[lang]
			ids[lang, n] = id
			strs[lang, n] = str
			lens[lang, n] = bytes(id)
			if (lens[lang, n] > longest)
				longest = lens[lang, n]
		}
	} else if (state == "msgid" && id != "")
		fault("msgid without msgstr: \"" id "\"")
	if (state == "msgstr")
		fuzzy = 0
	state = ""
	id = str = ""
}

function start_file() {
	lang = FILENAME
	sub(/^.*\//, "", lang)
	sub(/\.po$/, "", lang)
	langs[++langs_n] = lang
	count[lang] = 0
}

FNR == 1 {
	flush_entry()
	fuzzy = 0
	start_file()
}

/^#,.*fuzzy/ { flush_entry(); fuzzy = 1; next }
/^#/ { next }
/^[ \t\r]*$/ { flush_entry(); next }
/^msgid[ \t]/ { flush_entry(); state = "msgid"; id = quoted($0); next }
/^msgstr[ \t]/ { state = "msgstr"; str = quoted($0); next }
/^"/ {
	if (state == "msgid")
		id = id quoted($0)
	else if (state == "msgstr")
		str = str quoted($0)
	else
		fault("text outside an entry")
	next
}
{ fault("not understood: " $0) }

END {
	flush_entry()
	if (failed)
		exit 1
	print "/* Made by orchestrator/po/po2c.awk: do not edit. */"
	print "#include \"text.h\"\n"
	for (l = 1; l <= langs_n; l++) {
		lang = langs[l]
		printf "static const struct text_entry entries_%s[] = {\n", lang
		for (n = 1; n <= longest; n++)
			bucket[n] = ""
		for (i = 1; i <= count[lang]; i++)
			bucket[lens[lang, i]] = bucket[lens[lang, i]] " " i
		for (n = 1; n <= longest; n++) {
			m = split(bucket[n], members, " ")
			for (i = 1; i <= m; i++) {
				id = ids[lang, members[i]]
				printf "\t{ \"%s\", sizeof \"%s\" - 1, \"%s\" },\n", id, id, strs[lang, members[i]]
			}
		}
		print "\t{ 0 }\n};\n"
	}
	print "const struct text_language text_languages[] = {"
	for (l = 1; l <= langs_n; l++)
		printf "\t{ \"%s\", entries_%s, %d },\n", langs[l], langs[l], count[langs[l]]
	print "\t{ 0 }\n};"
}
