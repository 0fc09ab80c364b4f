# The sentences of the station as entries of a catalogue, from what `xgettext --no-wrap` found:
# with the context "station", those that have a word of their own. A piece, which begins or
# ends in a blank or has no word, is no sentence.
/^msgid / {
	text = substr($0, 8, length($0) - 8)
	words = text
	gsub(/%[-+ #0-9.*$]*(hh|h|ll|l|z|j|t)?[a-zA-Z]/, " ", words)
	gsub(/\\[a-z0-9]+/, " ", words)
	if (words ~ /[A-Za-z][a-z][a-z]/ && text !~ /^[ ,:;]/ && text !~ /[ (]$/ && text !~ /%</)
		printf "%s\nmsgctxt \"station\"\nmsgid \"%s\"\nmsgstr \"\"\n\n",
			(text ~ /%/ ? "#, c-format" : ""), text
}
