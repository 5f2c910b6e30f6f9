# cmake --install: the server, its unit, user, pages, manual and completion, at the places of the FHS. Settings go to
# /etc/weir of DESTDIR whatever the prefix is, since that is where the server looks. A file of settings that is there stays.
include(GNUInstallDirs)

set(weir_data "${CMAKE_INSTALL_DATADIR}/weir")

install(TARGETS weir RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
# The optional plug-in that converts sound, in a package of its own: it links libraries that the server does without.
if(TARGET weir_avcodec)
  install(TARGETS weir_avcodec LIBRARY DESTINATION lib/weir COMPONENT avcodec OPTIONAL)
endif()

# Pages as they are served: what the browser loads, and no sources of packages.
install(DIRECTORY research/players/ DESTINATION ${weir_data}/players COMPONENT server
  PATTERN "node_modules" EXCLUDE PATTERN "package*.json" EXCLUDE PATTERN "README.md" EXCLUDE)
install(DIRECTORY research/console/dist/ DESTINATION ${weir_data}/console COMPONENT server OPTIONAL PATTERN ".sources" EXCLUDE)

install(FILES package/weir.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT server)
install(FILES package/weir.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME weir COMPONENT server)
install(FILES README.md CHANGELOG.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT server)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT server)
install(DIRECTORY conf/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/conf COMPONENT server)
install(DIRECTORY trunk/app/api/openapi DESTINATION ${CMAKE_INSTALL_DOCDIR}/trunk/app/api COMPONENT server)  # the wiki leads there
install(DIRECTORY wiki DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT server)
install(FILES package/sysusers.conf DESTINATION lib/sysusers.d RENAME weir.conf COMPONENT server)

# The prefix is known when it is installed.
string(CONFIGURE [[
  file(READ "@CMAKE_SOURCE_DIR@/scripts/systemd/weir.service" unit)
  string(REPLACE "/usr/bin/weir" "${CMAKE_INSTALL_PREFIX}/bin/weir" unit "${unit}")
  file(WRITE "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/weir.service" "${unit}")
  file(READ "@CMAKE_SOURCE_DIR@/conf/service.conf" settings)
  string(REPLACE "/usr/share/weir" "${CMAKE_INSTALL_PREFIX}/share/weir" settings "${settings}")
  set(place "$ENV{DESTDIR}/etc/weir/weir.conf")
  if(EXISTS "${place}")
    message(STATUS "Kept: ${place}")
  else()
    file(WRITE "${place}" "${settings}")
    message(STATUS "Installing: ${place}")
  endif()
  ]] code @ONLY)
install(CODE "${code}" COMPONENT server)
