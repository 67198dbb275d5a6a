# cmake -DOUTPUT=page_text.cpp -DHTML=file -DSTYLE=file -DCHART=file -DSCRIPTS=file;file... -P embed.cmake
# writes the texts that page_text.h declares, as bytes, which no compiler can misread.
function(text_definition name)
  set(digits "")
  foreach(file IN LISTS ARGN)
    file(READ ${file} bytes HEX)
    string(APPEND digits ${bytes})
  endforeach()
  string(REGEX REPLACE "(................................................................)" "\\1\n" lines "${digits}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${lines}")
  set(definition "constexpr unsigned char k${name}Bytes[] = {\n${bytes}\n};\n" PARENT_SCOPE)
endfunction()

set(text "#include \"report/page_text.h\"\n\nnamespace assay {\nnamespace {\n")
set(views "")
foreach(part IN ITEMS "PageHtml;HTML" "PageStyle;STYLE" "PageScript;SCRIPTS" "ChartScript;CHART")
  list(GET part 0 name)
  list(GET part 1 files)
  text_definition(${name} ${${files}})
  string(APPEND text "${definition}")
  string(APPEND views "const std::string_view k${name}(reinterpret_cast<const char*>(k${name}Bytes), "
                      "sizeof k${name}Bytes);\n")
endforeach()
file(WRITE ${OUTPUT} "${text}}  // namespace\n\n${views}}  // namespace assay\n")
