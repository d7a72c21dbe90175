# What is installed, and the Debian packages: musubi-server, musubi-jlis, musubi-card, musubi-admin, and the card library as
# libmusubi-card1 and libmusubi-card-dev. Programs are installed by musubi_program, each as a component of its own name; the
# library by its module. `./dev package` builds and checks them.
set(deploy ${PROJECT_SOURCE_DIR}/deploy)

# A page of the manual, compressed as Debian policy 12.1 asks.
function(install_manual component page)
  cmake_path(GET page FILENAME file)
  cmake_path(GET page EXTENSION LAST_ONLY extension)
  string(SUBSTRING ${extension} 1 1 section)
  set(packed ${PROJECT_BINARY_DIR}/man/${file}.gz)
  add_custom_command(OUTPUT ${packed} DEPENDS ${page}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND sh -c "gzip -9nc '${page}' > '${packed}'" VERBATIM)
  add_custom_target(man_${file} ALL DEPENDS ${packed})
  install(FILES ${packed} DESTINATION share/man/man${section} COMPONENT ${component})
endfunction()
install_manual(musubi-server ${deploy}/man/musubi-server.8)
install_manual(musubi-admin ${deploy}/man/musubi-admin.8)
install_manual(musubi-jlis ${deploy}/man/musubi-jlis.8)
install_manual(musubi-card ${deploy}/man/musubi-card.1)
install_manual(libmusubi-card-dev ${PROJECT_SOURCE_DIR}/src/apps/card_library/man/musubi_card.3)

set(components musubi-server musubi-jlis musubi-card musubi-admin libmusubi-card1 libmusubi-card-dev)
foreach(component ${components})
  install(FILES ${deploy}/debian/copyright DESTINATION share/doc/${component} COMPONENT ${component})
  set(changelog ${PROJECT_BINARY_DIR}/changelog/${component}/changelog.gz)
  add_custom_command(OUTPUT ${changelog} DEPENDS ${deploy}/debian/changelog
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/changelog/${component}
    COMMAND sh -c "gzip -9nc '${deploy}/debian/changelog' > '${changelog}'" VERBATIM)
  add_custom_target(changelog_${component} ALL DEPENDS ${changelog})
  install(FILES ${changelog} DESTINATION share/doc/${component} COMPONENT ${component})
endforeach()

install(FILES ${deploy}/systemd/musubi-server.service ${deploy}/systemd/musubi-backup.service
              ${deploy}/systemd/musubi-backup.timer DESTINATION lib/systemd/system COMPONENT musubi-server)
install(FILES ${deploy}/systemd/musubi-jlis.service DESTINATION lib/systemd/system COMPONENT musubi-jlis)
install(FILES ${deploy}/systemd/musubi-card.service DESTINATION lib/systemd/user COMPONENT musubi-card)
install(FILES ${deploy}/musubi-server.toml DESTINATION /etc/musubi COMPONENT musubi-server
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(FILES ${deploy}/musubi-jlis.toml DESTINATION /etc/musubi-jlis COMPONENT musubi-jlis)
install(FILES ${deploy}/musubi-card.toml DESTINATION /etc/musubi-card COMPONENT musubi-card)
install(FILES ${deploy}/README.md ${deploy}/nginx/musubi.conf DESTINATION share/doc/musubi-server/deploy
        COMPONENT musubi-server)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME musubi)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Musubi <musubi@example.org>")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://musubi.example.org")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL ${components})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON) # also asks for ldconfig when the library comes or goes
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_MUSUBI-SERVER_PACKAGE_NAME musubi-server)
set(CPACK_DEBIAN_MUSUBI-SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_MUSUBI-SERVER_PACKAGE_DEPENDS "adduser, fonts-noto-cjk")
set(CPACK_DEBIAN_MUSUBI-SERVER_PACKAGE_RECOMMENDS "musubi-admin")
set(CPACK_COMPONENT_MUSUBI-SERVER_DESCRIPTION "server with which a Japanese city serves its people
Citizens prove who they are with the My Number Card and see their own health
record; staff have a console. Web pages, HTTP interface, SQLite or PostgreSQL.")
set(CPACK_DEBIAN_MUSUBI-JLIS_PACKAGE_NAME musubi-jlis)
set(CPACK_DEBIAN_MUSUBI-JLIS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_MUSUBI-JLIS_PACKAGE_DEPENDS "adduser")
set(CPACK_COMPONENT_MUSUBI-JLIS_DESCRIPTION "certification authority's side of Musubi, for demonstration and tests
Registry of certificates, two certification authorities, revocation lists and
OCSP. Its certificates are marked as test certificates.")
set(CPACK_DEBIAN_MUSUBI-CARD_PACKAGE_NAME musubi-card)
set(CPACK_DEBIAN_MUSUBI-CARD_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_MUSUBI-CARD_PACKAGE_RECOMMENDS "pcscd")
set(CPACK_COMPONENT_MUSUBI-CARD_DESCRIPTION "My Number Card from the command line and for web pages
Shows, reads and signs with the card in a PC/SC reader, and lets pages of
allowed sites ask for proofs with the person's consent.")
set(CPACK_DEBIAN_MUSUBI-ADMIN_PACKAGE_NAME musubi-admin)
set(CPACK_DEBIAN_MUSUBI-ADMIN_PACKAGE_SECTION admin)
set(CPACK_COMPONENT_MUSUBI-ADMIN_DESCRIPTION "operator's tool of Musubi
Migrations, backup, keys and staff accounts of a Musubi installation.")
set(CPACK_DEBIAN_LIBMUSUBI-CARD1_PACKAGE_NAME libmusubi-card1)
set(CPACK_DEBIAN_LIBMUSUBI-CARD1_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_LIBMUSUBI-CARD1_DESCRIPTION "My Number Card for applications, over any reader or NFC
Reads and signs with the card through one function of the application that
sends a command to the card and brings its answer.")
set(CPACK_DEBIAN_LIBMUSUBI-CARD-DEV_PACKAGE_NAME libmusubi-card-dev)
set(CPACK_DEBIAN_LIBMUSUBI-CARD-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBMUSUBI-CARD-DEV_PACKAGE_DEPENDS "libmusubi-card1 (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_LIBMUSUBI-CARD-DEV_DESCRIPTION "My Number Card for applications: what programmers need
Header, manual page and an example of libmusubi-card1.")
foreach(component SERVER JLIS)
  string(TOLOWER ${component} name)
  # dpkg reads these by their plain names.
  foreach(script postinst prerm postrm)
    configure_file(${deploy}/debian/${name}.${script} ${PROJECT_BINARY_DIR}/debian/${name}/${script} COPYONLY)
  endforeach()
endforeach()
file(WRITE ${PROJECT_BINARY_DIR}/debian/server/conffiles "/etc/musubi/musubi-server.toml\n")
file(WRITE ${PROJECT_BINARY_DIR}/debian/jlis/conffiles "/etc/musubi-jlis/musubi-jlis.toml\n")
file(WRITE ${PROJECT_BINARY_DIR}/debian/card/conffiles "/etc/musubi-card/musubi-card.toml\n")
set(control ${PROJECT_BINARY_DIR}/debian)
set(CPACK_DEBIAN_MUSUBI-SERVER_PACKAGE_CONTROL_EXTRA
    "${control}/server/postinst;${control}/server/prerm;${control}/server/postrm;${control}/server/conffiles")
set(CPACK_DEBIAN_MUSUBI-JLIS_PACKAGE_CONTROL_EXTRA
    "${control}/jlis/postinst;${control}/jlis/prerm;${control}/jlis/postrm;${control}/jlis/conffiles")
set(CPACK_DEBIAN_MUSUBI-CARD_PACKAGE_CONTROL_EXTRA "${control}/card/conffiles")
include(CPack)
